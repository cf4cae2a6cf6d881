import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { describeError } from "../../api/client";
import type { Task } from "../../text/format";
import { CoefficientsSection } from "../answer/CoefficientsSection";
import { StrengthSection } from "../answer/StrengthSection";
import { classes } from "../classes";
import type { FigureGroup } from "../live/figureSet";
import type { FigureQuery } from "../live/queries";
import { useFigures } from "../live/useFigures";
import { RegularizerChips } from "../options/RegularizerChips";
import { RegularizerList } from "../options/RegularizerList";
import { ViewOptions } from "../options/ViewOptions";
import { type ExperimentSearch, MOST_COLUMNS } from "../page/search";
import type { CellKey, Experiment } from "../types";
import { ChartRows, type Slot } from "./ChartGrid";
import { FiguresWait } from "./ChartSkeleton";
import { ColourBar } from "./ColourBar";
import { useBuilt, useChartTheme, useNarrow, useSettledZoom } from "./hooks";
import type { View } from "./interaction/chartInteraction";
import type { Tooltip } from "./interaction/tooltip";

interface Props {
  id: number;
  experiment: Experiment | undefined;
  search: ExperimentSearch;
  view: View;
  tooltip: Tooltip;
  onChange: (change: Partial<ExperimentSearch>) => void;
  onPin: (cell: CellKey | null) => void;
}

const FOUR = ["train_loss", "validation_loss", "train_score", "validation_score"];

/** Which regularizers, how they are drawn, and the charts. */
export function Charts({ id, experiment, search, view, tooltip, onChange, onPin }: Props) {
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
    if (view.zoomX !== null) view.setZoom({ ...view.getZoom(), x: null });
  }, [search.x, view]);
  const curves = useDetailed(id, "curves", query, view);
  const batches = useDetailed(id, "batches", query, view, isBatch);
  const slots = useSlots(curves, isBatch ? batches : null);
  const logs = useMemo(
    () => ({ loss: search.log?.includes("loss") ?? false, score: search.log?.includes("score") ?? false }),
    [search.log],
  );
  const keys = (experiment?.regularizers ?? []).filter((key) => key !== "none");
  const group = curves.group;
  useLayoutEffect(() => view.learn(group?.columns.map(({ scale }) => scale) ?? []), [view, group]);
  const shown = show ?? group?.columns.map((column) => column.regularizer) ?? [];
  const task: Task = experiment?.task ?? "classification";
  const shared = { logX: search.log?.includes("x") ?? false, logs, theme, view, tooltip, height };
  const isList = keys.length > MOST_COLUMNS;
  const charts = (
    <>
      {curves.error && group === null ? (
        <Failure
          error={curves.error}
          onRetry={() => void curves.refetch()}
          onReset={() => onChange({ show: undefined })}
        />
      ) : (
        <section aria-labelledby="curves-title" aria-busy={group === null}>
          <h2 id="curves-title" className={classes.forReaders}>
            Curves
          </h2>
          <Bars group={group} search={search} view={view} onPin={onPin} />
          {slots.length > 0 ? (
            <ChartRows slots={slots} {...shared} />
          ) : (
            <FiguresWait
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
        <StrengthSection id={id} query={query} theme={theme} view={view} tooltip={tooltip} height={height} />
      )}
      {keys.length > 0 && experiment?.spec.network.name === "linear" && (
        <CoefficientsSection
          id={id}
          regularizer={show}
          output={search.output ?? 0}
          onOutput={(output) => onChange({ output: output > 0 ? output : undefined })}
          theme={theme}
          view={view}
          tooltip={tooltip}
          height={height}
        />
      )}
      <WeightsSection id={id} query={query} {...shared} />
    </>
  );
  return (
    <>
      <section className={classes.controls} aria-label="What is shown">
        {keys.length > 0 && !isList && (
          <RegularizerChips keys={keys} shown={shown} onChange={(next) => onChange({ show: next })} />
        )}
        {isNarrow ? (
          <details className={classes.details}>
            <summary>View options</summary>
            <ViewOptions search={search} task={task} onChange={onChange} />
          </details>
        ) : (
          <ViewOptions search={search} task={task} onChange={onChange} />
        )}
      </section>
      {isList && experiment ? (
        <div className={classes.split}>
          <RegularizerList
            experiment={experiment}
            keys={keys}
            shown={shown}
            onChange={(next) => onChange({ show: next })}
          />
          <div className={classes.beyond}>
            {(search.show?.length ?? 0) > MOST_COLUMNS && (
              <p className={classes.count}>
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

type Shared = Omit<Parameters<typeof ChartRows>[0], "slots">;

/** A set of figures; where a zoom asks for more points than the set has, those of the zoom. */
function useDetailed(
  id: number,
  figure: "curves" | "batches" | "weights",
  query: FigureQuery,
  view: View,
  enabled = true,
) {
  const whole = useFigures(id, figure, query, enabled);
  const zoom = useSettledZoom(view);
  const set = whole.group?.set;
  const wants = enabled && zoom !== null && set !== undefined && set.shown < set.total;
  const window = wants ? { start: zoom[0], stop: zoom[1] } : {};
  const detail = useFigures(id, figure, { ...query, ...window }, wants);
  const isReady = wants && detail.group !== null && !detail.isPlaceholderData;
  return isReady ? { ...whole, group: detail.group } : whole;
}

function useSlots(
  curves: ReturnType<typeof useDetailed>,
  batches: ReturnType<typeof useDetailed> | null,
): Slot[] {
  const { group, axis } = curves;
  const batchGroup = batches?.group ?? null;
  const batchAxis = batches?.axis ?? "epoch";
  return useMemo(() => {
    if (group === null) return [];
    return FOUR.map((metric) =>
      metric === "train_loss" && batchGroup !== null
        ? { metric: "batch_loss", group: batchGroup, axis: batchAxis }
        : { metric, group, axis },
    );
  }, [group, axis, batchGroup, batchAxis]);
}

function Bars({
  group,
  search,
  view,
  onPin,
}: {
  group: FigureGroup | null;
  search: ExperimentSearch;
  view: View;
  onPin: Props["onPin"];
}) {
  const columns = group?.columns ?? [];
  const several = columns.length > 1;
  if (group === null) return <div className={classes.barsGhost} />;
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
              view={view}
            />
          ),
      )}
    </div>
  );
}

function WeightsSection({ id, query, ...shared }: Shared & { id: number; query: FigureQuery }) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useBuilt(section);
  const { group, axis, error, refetch } = useDetailed(id, "weights", query, shared.view, isBuilt);
  const slots = useMemo(
    () => (group === null ? [] : group.metrics.map((metric) => ({ metric, group, axis }))),
    [group, axis],
  );
  return (
    <section ref={section} className={classes.section} aria-labelledby="weights-title">
      <h2 id="weights-title">Weights</h2>
      {slots.length > 0 ? (
        <ChartRows slots={slots} {...shared} />
      ) : (
        <FiguresWait
          what="The charts of the weights"
          titles={["Weights that are exactly zero", "Norm of the weights ‖w‖₂"]}
          height={shared.height}
          error={group === null ? error : null}
          onRetry={() => void refetch()}
        />
      )}
    </section>
  );
}

function Failure({ error, onRetry, onReset }: { error: Error; onRetry: () => void; onReset: () => void }) {
  return (
    <div className={classes.notice} data-tone="bad" role="alert">
      <strong>The curves could not be read</strong>
      <p>{describeError(error)}</p>
      <p>
        <button type="button" className={classes.textButton} onClick={onRetry}>
          Try again
        </button>{" "}
        <button type="button" className={classes.textButton} onClick={onReset}>
          Show the first regularizer
        </button>
      </p>
    </div>
  );
}
