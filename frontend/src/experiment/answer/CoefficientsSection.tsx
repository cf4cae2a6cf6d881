import { NativeSelect } from "@mantine/core";
import { useMemo, useRef } from "react";
import { FiguresSkeleton } from "../charts/ChartSkeleton";
import charts from "../charts/charts.module.css";
import { useDeferredMount } from "../charts/hooks";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { LiveFigureSet } from "../live/figureSet";
import type { FigureQuery } from "../live/queries";
import { useFigures, useRevision } from "../live/useFigures";
import shared from "../shared.module.css";
import { PathCard } from "./PathCard";

interface Props {
  id: number;
  regularizer: string[] | undefined;
  output: number;
  onOutput: (output: number) => void;
  theme: ChartTheme;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  height: number;
}

const METRIC = "coefficients";

/** Linear networks only: the regularization path, a chart per regularizer, of one class at a time. */
export function CoefficientsSection({ id, regularizer, output, onOutput, height, ...chartProps }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const query = useMemo<FigureQuery>(
    () => ({ ...(regularizer ? { regularizer } : {}), ...(output > 0 ? { output } : {}) }),
    [regularizer, output],
  );
  const { figureSet, error, refetch } = useFigures(id, METRIC, query, isBuilt);
  const revision = useRevision(figureSet);
  const columns = figureSet?.columns ?? [];
  const outputs = columns[0]?.figures[METRIC]?.layout.meta.outputs ?? [];
  const tall = Math.round(1.4 * height);
  return (
    <section ref={section} className={shared.section} aria-labelledby="coefficients-title">
      <div className={shared.sectionHead}>
        <h2 id="coefficients-title">Coefficients</h2>
        {outputs.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label="Class whose coefficients are shown"
            value={output}
            onChange={(event) => onOutput(Number(event.currentTarget.value))}
            data={outputs.map((label, index) => ({ value: String(index), label: `class ${label}` }))}
          />
        )}
      </div>
      {figureSet === null || error ? (
        <FiguresSkeleton
          what="The coefficients"
          titles={["Coefficients over the strength"]}
          height={tall}
          onRetry={() => void refetch()}
          error={error}
        />
      ) : (
        <Paths columns={columns} revision={revision} height={tall} {...chartProps} />
      )}
    </section>
  );
}

type Columns = LiveFigureSet["columns"];
type PathsProps = Pick<Props, "theme" | "interaction" | "tooltip" | "height"> & {
  columns: Columns;
  revision: number;
};

function Paths({ columns, revision, theme, interaction, tooltip, height }: PathsProps) {
  const several = columns.length > 1;
  const cards = useMemo(
    () =>
      columns.flatMap(({ regularizer, label, figures }) => {
        const figure = figures[METRIC];
        return figure === undefined
          ? []
          : [{ label, options: { figure, revision, regularizer, theme, height } }];
      }),
    [columns, revision, theme, height],
  );
  if (cards.length === 0) return <div style={{ minHeight: height }} />;
  return (
    <div className={charts.grid} style={{ "--columns": cards.length } as React.CSSProperties}>
      {cards.map(({ label, options }) => (
        <PathCard
          key={options.regularizer}
          options={options}
          column={several ? label : null}
          interaction={interaction}
          tooltip={tooltip}
        />
      ))}
    </div>
  );
}
