import { useCallback, useMemo, useRef, useSyncExternalStore } from "react";
import shared from "../shared.module.css";
import type { ColourScale } from "../types";
import classes from "./colourBar.module.css";
import { type ChartInteraction, cellClass } from "./interaction/chartInteraction";
import { fitLabels, isDecade } from "./rendering/axisTicks";
import { useWidth } from "./useWidth";

interface Props {
  scale: ColourScale;
  label: string;
  /** Whether the regularizer's name is shown, as with several columns. */
  hasTitle: boolean;
  pinned: number | null;
  onPin: (strength: number | null) => void;
  interaction: ChartInteraction;
}

// Pixels that a finger moves before its direction counts.
const SLOP = 10;

/** The colour scale of a sweep, and a slider that highlights a strength. */
export function ColourBar({ scale, label, hasTitle, pinned, onPin, interaction }: Props) {
  const track = useRef<HTMLDivElement>(null);
  const start = useRef({ x: 0, y: 0 });
  const highlight = useSyncExternalStore(interaction.subscribe, () => interaction.highlight);
  const { ticks } = scale;
  const highlighted = highlight?.regularizer === scale.regularizer ? highlight.strength : pinned;
  const index = ticks.findIndex((tick) => tick.strength === highlighted);
  const tick = ticks[index];
  const width = useWidth(track);
  const fits = useMemo(() => fitTicks(scale, width), [scale, width]);
  const pick = useCallback(
    (clientX: number) => {
      const box = track.current?.getBoundingClientRect();
      if (box === undefined) return;
      const place = (clientX - box.left) / box.width;
      const nearest = [...ticks].sort(
        (one, other) => Math.abs(one.position - place) - Math.abs(other.position - place),
      )[0];
      if (nearest) onPin(nearest.strength);
    },
    [ticks, onPin],
  );
  const step = (event: React.KeyboardEvent) => {
    const next = findNext(event.key, index, ticks.length);
    if (next === undefined) return;
    event.preventDefault();
    onPin(next === null ? null : (ticks[next]?.strength ?? null));
  };
  return (
    <div className={classes.colourBar}>
      {hasTitle && <h3>{label}</h3>}
      <span className={classes.symbol} aria-hidden="true">
        {scale.symbol}
      </span>
      <div
        ref={track}
        className={classes.track}
        role="slider"
        tabIndex={0}
        aria-label={`${scale.symbol} of ${label} to bring forward`}
        aria-valuemin={0}
        aria-valuemax={ticks.length - 1}
        aria-valuenow={Math.max(index, 0)}
        aria-valuetext={tick ? nameTick(scale, tick) : "all strengths"}
        onKeyDown={step}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          start.current = { x: event.clientX, y: event.clientY };
          // A finger may be scrolling: it picks a strength when it moves sideways or is lifted.
          if (event.pointerType !== "touch") pick(event.clientX);
        }}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const { x, y } = start.current;
          const across = Math.abs(event.clientX - x);
          const isSideways = across > SLOP && across > Math.abs(event.clientY - y);
          if (event.pointerType !== "touch" || isSideways) pick(event.clientX);
        }}
        onPointerUp={(event) => {
          if (event.pointerType === "touch") pick(event.clientX);
        }}
      >
        <Gradient scale={scale} />
        {tick && (
          <span
            className={classes.thumb}
            style={{ left: `${100 * tick.position}%`, background: tick.colour }}
            data-pinned={pinned === tick.strength || undefined}
          />
        )}
        {ticks.map((own, at) => (
          <span
            key={own.strength}
            className={own.major && fits[at] ? classes.tick : classes.minorTick}
            style={{ left: `${100 * own.position}%` }}
            data-tick={cellClass({ regularizer: scale.regularizer, strength: own.strength })}
            aria-hidden="true"
          >
            {own.major && fits[at] && own.label}
          </span>
        ))}
      </div>
      {scale.smaller_is_stronger && <span className={classes.direction}>← stronger</span>}
      <span className={classes.baselineKey}>
        <i aria-hidden="true" /> baseline
      </span>
      <span className={classes.highlighted} aria-hidden="true">
        {tick ? nameTick(scale, tick) : ""}
      </span>
      <button
        type="button"
        className={shared.textButton}
        onClick={() => onPin(null)}
        disabled={pinned === null}
      >
        All strengths
      </button>
    </div>
  );
}

/** Which ticks have room for their label. */
function fitTicks({ ticks, kind }: ColourScale, width: number): boolean[] {
  const major = ticks.filter((tick) => tick.major);
  const fits = fitLabels(
    major.map(({ label, position, strength }) => ({
      label,
      place: width * position,
      isDecade: kind === "log" && isDecade(strength),
    })),
  );
  return ticks.map((tick) => tick.major && (fits[major.indexOf(tick)] ?? false));
}

function Gradient({ scale }: { scale: ColourScale }) {
  const start = 100 * scale.start;
  const zero = scale.ticks.find((tick) => tick.strength === 0);
  return (
    <>
      {zero && <span className={classes.zeroSlot} style={{ background: zero.colour }} />}
      <span
        className={classes.gradient}
        style={{ left: `${start}%`, background: `linear-gradient(to right, ${scale.stops.join(", ")})` }}
      />
    </>
  );
}

/** `λ = 10⁻⁴`. */
function nameTick(scale: ColourScale, tick: ColourScale["ticks"][number]): string {
  return `${scale.symbol} = ${tick.label}`;
}

/** The index that a key selects; null for none, undefined for other keys. */
export function findNext(key: string, index: number, count: number): number | null | undefined {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(index + 1, count - 1);
    case "ArrowLeft":
    case "ArrowDown":
      return index < 0 ? count - 1 : Math.max(index - 1, 0);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    case "Escape":
    case "Delete":
      return null;
  }
  return undefined;
}
