import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import type { Task } from "../../text/scores";
import { CoefficientsSection } from "../answer/CoefficientsSection";
import { StrengthSection } from "../answer/StrengthSection";
import { CurvesSection } from "../charts/CurvesSection";
import { GapSection } from "../charts/GapSection";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import { useDetailedFigures } from "../charts/interaction/useDetailedFigures";
import { useChartTheme } from "../charts/rendering/useChartTheme";
import { useNarrow } from "../charts/useWidth";
import { WeightsSection } from "../charts/WeightsSection";
import { ClaimsSection } from "../claims/ClaimsSection";
import type { FigureQuery } from "../live/queries";
import options from "../options/options.module.css";
import { RegularizerChips } from "../options/RegularizerChips";
import { RegularizerList } from "../options/RegularizerList";
import { ViewOptions } from "../options/ViewOptions";
import { RidgelinesSection } from "../ridgelines/RidgelinesSection";
import { type ExperimentSearch, MOST_COLUMNS } from "../search";
import shared from "../shared.module.css";
import type { CellKey, Experiment } from "../types";

interface Props {
  id: number;
  experiment: Experiment | undefined;
  search: ExperimentSearch;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  onChange: (change: Partial<ExperimentSearch>) => void;
  onPin: (cell: CellKey | null) => void;
}

/** The view options and all charts of an experiment. */
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
  const axis = useRef(search.x);
  useEffect(() => {
    if (axis.current === search.x) return;
    axis.current = search.x;
    // A zoom is in the units of its axis.
    if (interaction.zoomX !== null) interaction.setZoom({ ...interaction.getZoom(), x: null });
  }, [search.x, interaction]);
  const curves = useDetailedFigures(id, "curves", query, interaction);
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
  const chartProps = { theme, interaction, tooltip, height };
  const curveProps = { ...chartProps, logX: search.log?.includes("x") ?? false, logs };
  const isList = keys.length > MOST_COLUMNS;
  const charts = (
    <>
      <CurvesSection
        {...{ id, query, curves, search, task, onPin }}
        onReset={() => onChange({ show: undefined })}
        {...curveProps}
      />
      {keys.length > 0 && <StrengthSection id={id} query={query} {...chartProps} />}
      {keys.length > 0 && <GapSection id={id} query={query} {...curveProps} />}
      {keys.length > 0 && experiment?.spec.network.name === "linear" && (
        <CoefficientsSection
          id={id}
          regularizer={show}
          output={search.output ?? 0}
          onOutput={(output) => onChange({ output: output > 0 ? output : undefined })}
          {...chartProps}
        />
      )}
      {keys.length > 0 && <ClaimsSection id={id} regularizer={show} {...chartProps} />}
      <WeightsSection id={id} query={query} {...curveProps} />
      {keys.length > 0 && (
        <RidgelinesSection
          id={id}
          regularizer={show}
          choice={{ epoch: search.epoch, layer: search.layer }}
          onChoose={onChange}
          {...chartProps}
        />
      )}
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
