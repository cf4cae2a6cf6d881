import { NativeSelect, Slider } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { formatCount } from "../../text/numbers";
import { CardGrid } from "../charts/CardGrid";
import { FiguresSkeleton } from "../charts/ChartSkeleton";
import type { ChartProps } from "../charts/chartProps";
import { useDeferredMount } from "../charts/rendering/useDeferredMount";
import type { LiveFigureSet } from "../live/figureSet";
import type { FigureQuery } from "../live/queries";
import { useFigures, useRevision } from "../live/useFigures";
import shared from "../shared.module.css";
import { RidgeCard } from "./RidgeCard";
import classes from "./ridgelines.module.css";

const METRIC = "ridgelines";
const ROW = 30;
const AROUND = 84;
const FEWEST_ROWS = 4;

interface Choice {
  epoch?: number | undefined;
  layer?: string | undefined;
}

interface Props extends ChartProps {
  id: number;
  regularizer: string[] | undefined;
  choice: Choice;
  onChoose: (choice: Choice) => void;
}

/** Histograms of the weights at each strength, one above the other, of one epoch and of one layer or all. */
export function RidgelinesSection({ id, regularizer, choice, onChoose, ...chartProps }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const { epoch, layer } = choice;
  const query = useMemo<FigureQuery>(
    () => ({
      ...(regularizer ? { regularizer } : {}),
      ...(epoch === undefined ? {} : { epoch }),
      ...(layer === undefined ? {} : { layer }),
    }),
    [regularizer, epoch, layer],
  );
  const { figureSet, error, refetch } = useFigures(id, METRIC, query, isBuilt);
  useRevision(figureSet);
  const meta = figureSet?.columns[0]?.figures[METRIC]?.layout.meta;
  const { epochs = [], layers = [] } = meta ?? {};
  return (
    <section ref={section} className={shared.section} aria-labelledby="ridgelines-title">
      <div className={shared.sectionHead}>
        <h2 id="ridgelines-title">Ridgelines</h2>
        <div className={classes.choices}>
          {epochs.length > 1 && (
            <EpochSlider
              epochs={epochs}
              epoch={epoch}
              onChoose={(next) => onChoose({ layer, epoch: next })}
            />
          )}
          {layers.length > 1 && (
            <NativeSelect
              size="xs"
              aria-label="Layer whose weights are shown"
              value={layer ?? ""}
              onChange={(event) => onChoose({ epoch, layer: event.currentTarget.value || undefined })}
              data={[
                { value: "", label: "all layers" },
                ...layers.map((name) => ({ value: name, label: `layer ${name}` })),
              ]}
            />
          )}
        </div>
      </div>
      {figureSet === null || error ? (
        <FiguresSkeleton
          what="The ridgelines"
          titles={["Weights by strength"]}
          height={AROUND + FEWEST_ROWS * ROW}
          onRetry={() => void refetch()}
          error={error}
        />
      ) : (
        <Ridges figureSet={figureSet} {...chartProps} />
      )}
    </section>
  );
}

function Ridges({ figureSet, theme, interaction, tooltip }: ChartProps & { figureSet: LiveFigureSet }) {
  const revision = useRevision(figureSet);
  const { columns } = figureSet;
  const cards = useMemo(() => {
    const rows = columns.map(({ figures }) => figures[METRIC]?.layout.meta.ridges ?? 0);
    const height = AROUND + ROW * Math.max(FEWEST_ROWS, ...rows);
    return columns.flatMap(({ regularizer, label, figures }) => {
      const figure = figures[METRIC];
      if (figure === undefined) return [];
      return [{ label, options: { figure, revision, regularizer, theme, height } }];
    });
  }, [columns, revision, theme]);
  return (
    <CardGrid columns={columns.length}>
      {cards.map(({ label, options }) => (
        <RidgeCard
          key={options.regularizer}
          column={columns.length > 1 ? label : null}
          {...{ options, interaction, tooltip }}
        />
      ))}
    </CardGrid>
  );
}

interface SliderProps {
  epochs: readonly number[];
  /** By default the newest. */
  epoch: number | undefined;
  onChoose: (epoch: number | undefined) => void;
}

/** A stop per epoch that has histograms; the last stands for the newest, whichever that is. */
function EpochSlider({ epochs, epoch, onChoose }: SliderProps) {
  const last = epochs.length - 1;
  const chosen = epoch === undefined ? last : findStop(epochs, epoch);
  const [moved, setMoved] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was moved to is done with once it is chosen
  useEffect(() => setMoved(null), [epoch]);
  const stop = Math.min(moved ?? chosen, last);
  return (
    <div className={classes.slider}>
      <span id="ridgelines-epoch">Epoch</span>
      <Slider
        size="sm"
        w={140}
        min={0}
        max={last}
        value={stop}
        onChange={setMoved}
        onChangeEnd={(end) => onChoose(end === last ? undefined : epochs[end])}
        label={null}
        thumbProps={{ "aria-labelledby": "ridgelines-epoch" }}
        thumbValueText={`epoch ${formatCount(epochs[stop] ?? 0)}`}
      />
      <output>{formatCount(epochs[stop] ?? 0)}</output>
    </div>
  );
}

/** The last stop at or before an epoch. */
function findStop(epochs: readonly number[], epoch: number): number {
  return Math.max(epochs.filter((own) => own <= epoch).length - 1, 0);
}
