import { NativeSelect } from "@mantine/core";
import { useMemo, useRef } from "react";
import { FiguresSkeleton } from "../charts/ChartSkeleton";
import type { ChartProps } from "../charts/chartProps";
import { useDeferredMount } from "../charts/rendering/useDeferredMount";
import type { FigureQuery } from "../live/queries";
import { useFigures } from "../live/useFigures";
import shared from "../shared.module.css";
import { PathCard } from "./PathCard";
import { StrengthGrid } from "./StrengthGrid";

interface Props extends ChartProps {
  id: number;
  regularizer: string[] | undefined;
  output: number;
  onOutput: (output: number) => void;
}

const METRIC = "coefficients";
const METRICS = [METRIC];

/** Regularization paths of a linear network, a chart per regularizer, for one class at a time. */
export function CoefficientsSection({ id, regularizer, output, onOutput, height, ...chartProps }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const query = useMemo<FigureQuery>(
    () => ({ ...(regularizer ? { regularizer } : {}), ...(output > 0 ? { output } : {}) }),
    [regularizer, output],
  );
  const { figureSet, error, refetch } = useFigures(id, METRIC, query, isBuilt);
  const outputs = figureSet?.columns[0]?.figures[METRIC]?.layout.meta.outputs ?? [];
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
        <StrengthGrid
          figureSet={figureSet}
          metrics={METRICS}
          Card={PathCard}
          fewestColumns={1}
          height={tall}
          {...chartProps}
        />
      )}
    </section>
  );
}
