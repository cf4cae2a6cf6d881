import { SegmentedControl } from "@mantine/core";
import { useMemo } from "react";
import { CardGrid } from "../experiment/charts/CardGrid";
import { ColourBar } from "../experiment/charts/ColourBar";
import type { ChartProps } from "../experiment/charts/chartProps";
import { LineCard } from "../experiment/charts/LineCard";
import type { LineChartOptions } from "../experiment/charts/lineChart";
import type { LiveFigureSet } from "../experiment/live/figureSet";
import type { FigureQuery } from "../experiment/live/queries";
import { useFigures } from "../experiment/live/useFigures";
import { chooseAxis, listCurves } from "../experiment/metrics";
import shared from "../experiment/shared.module.css";
import type { ColourScale } from "../experiment/types";
import classes from "./compare.module.css";
import { JointFrame } from "./jointFrame";
import { nameExperiment } from "./nameExperiment";
import type { Compared } from "./queries";
import { RegularizerTabs } from "./RegularizerTabs";
import { type CompareSearch, MOST_COMPARED } from "./search";

interface Props extends ChartProps {
  experiments: readonly Compared[];
  keys: readonly string[];
  shown: string;
  /** Of the regularizer shown, over the strengths of all experiments; null where only baselines are shown. */
  scale: ColourScale | null;
  search: CompareSearch;
  onChange: (change: Partial<CompareSearch>) => void;
}

// As many as can be read beside one another.
const MOST_COLUMNS = 3;

/** Loss and score over the epochs of one regularizer: a chart per experiment, with one range in a row. */
export function CurvesSection({ experiments, keys, shown, scale, search, onChange, ...chartProps }: Props) {
  const sets = useCurves(experiments, shown, scale);
  const frame = useMemo(() => new JointFrame(sets.filter((set) => set !== null)), [sets]);
  const columns = Math.min(experiments.length, MOST_COLUMNS);
  const task = experiments[0]?.task ?? "classification";
  const isLog = search.linear !== true;
  return (
    <section className={shared.section} aria-labelledby="curves-title">
      <div className={shared.sectionHead}>
        <h2 id="curves-title">Curves</h2>
        <SegmentedControl
          size="xs"
          aria-label="Axis of losses"
          value={isLog ? "log" : "linear"}
          onChange={(value) => onChange({ linear: value === "linear" ? true : undefined })}
          data={[
            { value: "log", label: "Loss on a log axis" },
            { value: "linear", label: "Linear" },
          ]}
        />
      </div>
      {keys.length > 1 && (
        <RegularizerTabs
          keys={keys}
          shown={shown}
          onChange={(show) => onChange({ show, strength: undefined })}
        />
      )}
      {scale && (
        <ColourBar
          scale={scale}
          label={shown}
          hasTitle={false}
          pinned={search.strength ?? null}
          onPin={(strength) => onChange({ strength: strength ?? undefined })}
          interaction={chartProps.interaction}
        />
      )}
      <div className={classes.named}>
        <CardGrid columns={columns}>
          {listCurves(task).flatMap(({ metric }) =>
            experiments.map((experiment, place) => (
              <CurveCell
                key={`${metric} ${experiment.id}`}
                set={sets[place] ?? null}
                column={nameExperiment(experiment)}
                logY={isLog && chooseAxis(metric) === "loss"}
                {...{ metric, frame }}
                {...chartProps}
              />
            )),
          )}
        </CardGrid>
      </div>
    </section>
  );
}

/** The curves of each experiment; null until they are loaded. */
function useCurves(
  experiments: readonly Compared[],
  shown: string,
  scale: ColourScale | null,
): (LiveFigureSet | null)[] {
  const span = useSpan(scale);
  const sets: (LiveFigureSet | null)[] = [];
  for (let place = 0; place < MOST_COMPARED; place++) {
    const experiment = experiments[place];
    const hasOwn = experiment?.regularizers.includes(shown) ?? false;
    const query: FigureQuery = { regularizer: [hasOwn ? shown : "none"], seeds: "mean", ...span };
    // biome-ignore lint/correctness/useHookAtTopLevel: as often in every render
    sets.push(useFigures(experiment?.id ?? 0, "curves", query, experiment !== undefined).figureSet);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is as new as the sets in it
  return useMemo(() => sets.slice(0, experiments.length), [experiments.length, ...sets]);
}

/** The strengths that all colour scales must reach, so that a colour is the same strength everywhere. */
function useSpan(scale: ColourScale | null): Pick<FigureQuery, "weakest" | "strongest"> {
  const positive = (scale?.ticks ?? []).map(({ strength }) => strength).filter((strength) => strength > 0);
  if (positive.length === 0) return {};
  return { weakest: Math.min(...positive), strongest: Math.max(...positive) };
}

interface CellProps extends ChartProps {
  set: LiveFigureSet | null;
  frame: JointFrame;
  metric: string;
  column: string;
  logY: boolean;
}

function CurveCell({ set, frame, metric, column, logY, theme, interaction, tooltip, height }: CellProps) {
  const figure = set?.columns[0]?.figures[metric];
  const options = useMemo<LineChartOptions | null>(
    () =>
      figure === undefined
        ? null
        : { figureSet: frame, figure, axis: "epoch", logX: false, logY, theme, height },
    [frame, figure, logY, theme, height],
  );
  if (options === null) return <div style={{ minHeight: height }} />;
  const regularizer = set?.columns[0]?.regularizer ?? "none";
  return <LineCard {...{ options, interaction, tooltip, column, regularizer }} />;
}
