import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { describeError } from "../../api/client";
import type { Task } from "../../text/format";
import { CoefficientsSection } from "../answer/CoefficientsSection";
import { StrengthSection } from "../answer/StrengthSection";
import type { LiveFigureSet } from "../live/figureSet";
import type { FigureQuery } from "../live/queries";
import { useFigures } from "../live/useFigures";
import options from "../options/options.module.css";
import { RegularizerChips } from "../options/RegularizerChips";
import { RegularizerList } from "../options/RegularizerList";
import { ViewOptions } from "../options/ViewOptions";
import { type ExperimentSearch, MOST_COLUMNS } from "../page/search";
import shared from "../shared.module.css";
import type { CellKey, Experiment } from "../types";
import { ChartGrid, type ChartSlot } from "./ChartGrid";
import { FiguresSkeleton } from "./ChartSkeleton";
import { ColourBar } from "./ColourBar";
import classes from "./charts.module.css";
import colourBar from "./colourBar.module.css";
import { useChartTheme, useDeferredMount, useNarrow, useSettledZoom } from "./hooks";
import type { ChartInteraction } from "./interaction/chartInteraction";
import type { Tooltip } from "./interaction/tooltip";

interface Props {
  id: number;
  experiment: Experiment | undefined;
  search: ExperimentSearch;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  onChange: (change: Partial<ExperimentSearch>) => void;
  onPin: (cell: CellKey | null) => void;
}

const CURVE_METRICS = ["train_loss", "validation_loss", "train_score", "validation_score"];

/** Which regularizers, how they are drawn, and the charts. */
export function ExperimentCharts({ id, experiment, search, interaction, tooltip, onChange, onPin }: Props) {
  const theme = useChartTheme();
  const isNarrow = useNarrow();
  const height = isNarrow ? 220 : 226;
  const show = useMemo(() => search.show?.slice(0, MOST_COLUMNS), [search.show]);
  const query = useMemo<FigureQuery>(
    () => ({
      ...(show ? { regularizer: show } : {}),
      ...(search.x ? { x: search.x } : {}),
      ...(search.smoothing ? { smoothing: search.smoothing } : {}),
      ...(search.seeds ? { seeds: search.seeds } : {}),
    }),
    [show, search.x, search.smoothing, search.seeds],
  );
  const isBatch = search.loss === "batch";
  const axis = useRef(search.x);
  useEffect(() => {
    if (axis.current === search.x) return;
    axis.current = search.x;
    // Another axis is another unit: what was zoomed to means nothing on it.
    if (interaction.zoomX !== null) interaction.setZoom({ ...interaction.getZoom(), x: null });
  }, [search.x, interaction]);
  const curves = useDetailedFigures(id, "curves", query, interaction);
  const batches = useDetailedFigures(id, "batches", query, interaction, isBatch);
  const slots = useSlots(curves, isBatch ? batches : null);
  const logs = useMemo(
    () => ({ loss: search.log?.includes("loss") ?? false, score: search.log?.includes("score") ?? false }),
    [search.log],
  );
  const keys = (experiment?.regularizers ?? []).filter((key) => key !== "none");
  const figureSet = curves.figureSet;
  useLayoutEffect(
    () => interaction.setStrengthLabels(figureSet?.columns.map(({ scale }) => scale) ?? []),
    [interaction, figureSet],
  );
  const shown = show ?? figureSet?.columns.map((column) => column.regularizer) ?? [];
  const task: Task = experiment?.task ?? "classification";
  const chartProps = { logX: search.log?.includes("x") ?? false, logs, theme, interaction, tooltip, height };
  const isList = keys.length > MOST_COLUMNS;
  const charts = (
    <>
      {curves.error && figureSet === null ? (
        <CurvesFailure
          error={curves.error}
          onRetry={() => void curves.refetch()}
          onReset={() => onChange({ show: undefined })}
        />
      ) : (
        <section aria-labelledby="curves-title" aria-busy={figureSet === null}>
          <h2 id="curves-title" className={shared.forReaders}>
            Curves
          </h2>
          <ColourBars figureSet={figureSet} search={search} interaction={interaction} onPin={onPin} />
          {slots.length > 0 ? (
            <ChartGrid slots={slots} {...chartProps} />
          ) : (
            <FiguresSkeleton
              what="The curves"
              titles={nameCharts(task)}
              error={null}
              onRetry={ignore}
              height={height}
            />
          )}
        </section>
      )}
      {keys.length > 0 && (
        <StrengthSection
          id={id}
          query={query}
          theme={theme}
          interaction={interaction}
          tooltip={tooltip}
          height={height}
        />
      )}
      {keys.length > 0 && experiment?.spec.network.name === "linear" && (
        <CoefficientsSection
          id={id}
          regularizer={show}
          output={search.output ?? 0}
          onOutput={(output) => onChange({ output: output > 0 ? output : undefined })}
          theme={theme}
          interaction={interaction}
          tooltip={tooltip}
          height={height}
        />
      )}
      <WeightsSection id={id} query={query} {...chartProps} />
    </>
  );
  return (
    <>
      <section className={options.controls} aria-label="What is shown">
        {keys.length > 0 && !isList && (
          <RegularizerChips keys={keys} shown={shown} onChange={(next) => onChange({ show: next })} />
        )}
        {isNarrow ? (
          <details className={options.details}>
            <summary>View options</summary>
            <ViewOptions search={search} task={task} onChange={onChange} />
          </details>
        ) : (
          <ViewOptions search={search} task={task} onChange={onChange} />
        )}
      </section>
      {isList && experiment ? (
        <div className={options.split}>
          <RegularizerList
            experiment={experiment}
            keys={keys}
            shown={shown}
            onChange={(next) => onChange({ show: next })}
          />
          <div className={options.beyond}>
            {(search.show?.length ?? 0) > MOST_COLUMNS && (
              <p className={shared.count}>
                The first {MOST_COLUMNS} of the {search.show?.length} regularizers in the address are shown.
              </p>
            )}
            {charts}
          </div>
        </div>
      ) : (
        charts
      )}
    </>
  );
}

/** The titles of the four charts, as the figures will have them. */
function nameCharts(task: Task): string[] {
  const score = task === "regression" ? "R²" : "accuracy";
  return ["Training loss", "Validation loss", `Training ${score}`, `Validation ${score}`];
}

function ignore(): void {
  // What could not be read is said in the charts' place, with a button of its own.
}

type Shared = Omit<Parameters<typeof ChartGrid>[0], "slots">;

/** A set of figures; where a zoom asks for more points than the set has, those of the zoom. */
function useDetailedFigures(
  id: number,
  figure: "curves" | "batches" | "weights",
  query: FigureQuery,
  interaction: ChartInteraction,
  enabled = true,
) {
  const whole = useFigures(id, figure, query, enabled);
  const zoom = useSettledZoom(interaction);
  const set = whole.figureSet?.info;
  const wants = enabled && zoom !== null && set !== undefined && set.shown < set.total;
  const window = wants ? { start: zoom[0], stop: zoom[1] } : {};
  const detail = useFigures(id, figure, { ...query, ...window }, wants);
  const isReady = wants && detail.figureSet !== null && !detail.isPlaceholderData;
  return isReady ? { ...whole, figureSet: detail.figureSet } : whole;
}

function useSlots(
  curves: ReturnType<typeof useDetailedFigures>,
  batches: ReturnType<typeof useDetailedFigures> | null,
): ChartSlot[] {
  const { figureSet, axis } = curves;
  const batchSet = batches?.figureSet ?? null;
  const batchAxis = batches?.axis ?? "epoch";
  return useMemo(() => {
    if (figureSet === null) return [];
    return CURVE_METRICS.map((metric) =>
      metric === "train_loss" && batchSet !== null
        ? { metric: "batch_loss", figureSet: batchSet, axis: batchAxis }
        : { metric, figureSet, axis },
    );
  }, [figureSet, axis, batchSet, batchAxis]);
}

function ColourBars({
  figureSet,
  search,
  interaction,
  onPin,
}: {
  figureSet: LiveFigureSet | null;
  search: ExperimentSearch;
  interaction: ChartInteraction;
  onPin: Props["onPin"];
}) {
  const columns = figureSet?.columns ?? [];
  const several = columns.length > 1;
  if (figureSet === null) return <div className={colourBar.colourBarSkeleton} />;
  return (
    <div
      className={several ? classes.grid : undefined}
      style={{ "--columns": columns.length } as React.CSSProperties}
    >
      {columns.map(
        ({ scale, regularizer, label }) =>
          scale && (
            <ColourBar
              key={regularizer}
              scale={scale}
              label={label}
              hasTitle={several}
              pinned={search.of === regularizer ? (search.strength ?? null) : null}
              onPin={(strength) => onPin(strength === null ? null : { regularizer, strength })}
              interaction={interaction}
            />
          ),
      )}
    </div>
  );
}

function WeightsSection({ id, query, ...chartProps }: Shared & { id: number; query: FigureQuery }) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const { figureSet, axis, error, refetch } = useDetailedFigures(
    id,
    "weights",
    query,
    chartProps.interaction,
    isBuilt,
  );
  const slots = useMemo(
    () => (figureSet === null ? [] : figureSet.metrics.map((metric) => ({ metric, figureSet, axis }))),
    [figureSet, axis],
  );
  return (
    <section ref={section} className={shared.section} aria-labelledby="weights-title">
      <h2 id="weights-title">Weights</h2>
      {slots.length > 0 ? (
        <ChartGrid slots={slots} {...chartProps} />
      ) : (
        <FiguresSkeleton
          what="The charts of the weights"
          titles={["Weights that are exactly zero", "Norm of the weights ‖w‖₂"]}
          height={chartProps.height}
          error={figureSet === null ? error : null}
          onRetry={() => void refetch()}
        />
      )}
    </section>
  );
}

function CurvesFailure({
  error,
  onRetry,
  onReset,
}: {
  error: Error;
  onRetry: () => void;
  onReset: () => void;
}) {
  return (
    <div className={shared.notice} data-tone="bad" role="alert">
      <strong>The curves could not be read</strong>
      <p>{describeError(error)}</p>
      <p>
        <button type="button" className={shared.textButton} onClick={onRetry}>
          Try again
        </button>{" "}
        <button type="button" className={shared.textButton} onClick={onReset}>
          Show the first regularizer
        </button>
      </p>
    </div>
  );
}
