import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { formatGeneral } from "../../text/rounding";
import { formatPowerOfTen, formatStrength, nameStrength } from "../../text/strengths";
import { NEUTRAL, pickColour, spreadStrengths } from "../../theme/colourScale";
import classes from "./slider.module.css";
import {
  findPosition,
  findValue,
  isLegal,
  type LegalRange,
  listMarks,
  type SliderDomain,
  stepFrom,
} from "./sliderScale";

interface Props {
  symbol: string;
  strengths: readonly number[];
  domain: SliderDomain;
  legal: LegalRange;
  /** Indices of draggable strengths: the ends of a grid, or all of a list. */
  handles: readonly number[];
  onMove: (index: number, value: number) => void;
}

const STEPS: Record<string, number> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 4,
  PageDown: -4,
};

/** Strengths on an axis, in the colours of their curves; handles are moved by dragging or arrow keys. */
export function StrengthSlider({ symbol, strengths, domain, legal, handles, onMove }: Props) {
  const track = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  // An illegal strength has no curve, so no colour.
  const isWrong = (strength: number) => !isLegal(strength, legal);
  const places = new Map<number, number | null>();
  const kept = strengths.filter((strength) => !isWrong(strength));
  spreadStrengths(kept, domain.scale).forEach((share, index) => {
    places.set(kept[index] ?? 0, share);
  });
  const draw = (strength: number, index: number) => {
    const share = places.get(strength);
    const name = isWrong(strength)
      ? `${symbol} = ${formatGeneral(strength, 6)}, which is not legal`
      : nameStrength(symbol, strength);
    const background = share == null ? NEUTRAL : pickColour(share);
    return {
      key: index,
      title: name,
      "data-illegal": isWrong(strength) || undefined,
      style: {
        left: `${100 * findPosition(strength, domain)}%`,
        ...(isWrong(strength) ? {} : { background }),
      },
    };
  };
  const move = (event: PointerEvent, index: number) => {
    const box = track.current?.getBoundingClientRect();
    if (box) onMove(index, findValue((event.clientX - box.left) / box.width, domain));
  };
  const grab = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const index = findNearest(share, handles, strengths, domain);
    if (index === undefined || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDragged(index);
    move(event, index);
    event.currentTarget
      .querySelector<HTMLElement>(`[data-handle="${index}"]`)
      ?.focus({ preventScroll: true });
    event.preventDefault();
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const steps = STEPS[event.key];
    const value = strengths[index];
    if (steps === undefined || value === undefined) return;
    event.preventDefault();
    onMove(index, stepFrom(value, steps, domain));
  };
  return (
    <div className={classes.strip}>
      <div
        ref={track}
        className={classes.track}
        data-draggable={handles.length > 0 || undefined}
        onPointerDown={grab}
        onPointerMove={(event) => dragged !== null && move(event, dragged)}
        onPointerUp={() => setDragged(null)}
        onPointerCancel={() => setDragged(null)}
      >
        <div className={classes.axis} />
        {strengths.map((strength, index) => {
          const { key, ...drawn } = draw(strength, index);
          return handles.includes(index) ? (
            <div
              key={key}
              role="slider"
              tabIndex={0}
              data-handle={index}
              className={classes.handle}
              aria-label={describeHandle(index, strengths.length, handles.length)}
              aria-valuemin={domain.low}
              aria-valuemax={domain.high}
              aria-valuenow={Math.min(Math.max(strength, domain.low), domain.high)}
              aria-valuetext={drawn.title}
              aria-invalid={isWrong(strength) || undefined}
              {...drawn}
              onKeyDown={(event) => onKey(event, index)}
            />
          ) : (
            <div key={key} className={classes.dot} {...drawn} />
          );
        })}
      </div>
      <div className={classes.marks} aria-hidden>
        {strengths.includes(0) && domain.scale === "log" && <span style={{ left: 0 }}>0</span>}
        {listMarks(domain).map((mark) => (
          <span key={mark} style={{ left: `${100 * findPosition(mark, domain)}%` }}>
            {domain.scale === "log"
              ? formatPowerOfTen(Math.round(Math.log10(mark)))
              : formatStrength(mark, symbol)}
          </span>
        ))}
      </div>
    </div>
  );
}

function findNearest(
  share: number,
  handles: readonly number[],
  strengths: readonly number[],
  domain: SliderDomain,
) {
  const distance = (index: number) => Math.abs(findPosition(strengths[index] ?? 0, domain) - share);
  return [...handles].sort((one, other) => distance(one) - distance(other))[0];
}

function describeHandle(index: number, count: number, handles: number): string {
  if (handles > 2) return `Strength ${index + 1}`;
  return index === 0 ? "First strength" : index === count - 1 ? "Last strength" : `Strength ${index + 1}`;
}
