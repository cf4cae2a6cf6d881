import { NativeSelect } from "@mantine/core";
import { useMemo, useRef } from "react";
import { FiguresWait } from "../charts/ChartSkeleton";
import { useBuilt } from "../charts/hooks";
import type { View } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import { classes } from "../classes";
import type { FigureGroup } from "../live/figureSet";
import type { FigureQuery } from "../live/queries";
import { useFigures, useRevision } from "../live/useFigures";
import { PathCard } from "./PathCard";

interface Props {
  id: number;
  regularizer: string[] | undefined;
  output: number;
  onOutput: (output: number) => void;
  theme: ChartTheme;
  view: View;
  tooltip: Tooltip;
  height: number;
}

const METRIC = "coefficients";

/** Linear networks only: the regularization path, a chart per regularizer, of one class at a time. */
export function CoefficientsSection({ id, regularizer, output, onOutput, height, ...around }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useBuilt(section);
  const query = useMemo<FigureQuery>(
    () => ({ ...(regularizer ? { regularizer } : {}), ...(output > 0 ? { output } : {}) }),
    [regularizer, output],
  );
  const { group, error, refetch } = useFigures(id, METRIC, query, isBuilt);
  const revision = useRevision(group);
  const columns = group?.columns ?? [];
  const outputs = columns[0]?.figures[METRIC]?.layout.meta.outputs ?? [];
  const tall = Math.round(1.4 * height);
  return (
    <section ref={section} className={classes.section} aria-labelledby="coefficients-title">
      <div className={classes.sectionHead}>
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
      {group === null || error ? (
        <FiguresWait
          what="The coefficients"
          titles={["Coefficients over the strength"]}
          height={tall}
          onRetry={() => void refetch()}
          error={error}
        />
      ) : (
        <Paths columns={columns} revision={revision} height={tall} {...around} />
      )}
    </section>
  );
}

type Columns = FigureGroup["columns"];
type PathsProps = Pick<Props, "theme" | "view" | "tooltip" | "height"> & {
  columns: Columns;
  revision: number;
};

function Paths({ columns, revision, theme, view, tooltip, height }: PathsProps) {
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
    <div className={classes.grid} style={{ "--columns": cards.length } as React.CSSProperties}>
      {cards.map(({ label, options }) => (
        <PathCard
          key={options.regularizer}
          options={options}
          column={several ? label : null}
          view={view}
          tooltip={tooltip}
        />
      ))}
    </div>
  );
}
