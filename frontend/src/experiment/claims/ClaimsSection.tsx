import { useMemo, useRef } from "react";
import { FiguresSkeleton } from "../charts/ChartSkeleton";
import type { ChartProps } from "../charts/chartProps";
import { useDeferredMount } from "../charts/rendering/useDeferredMount";
import type { LiveFigureSet } from "../live/figureSet";
import type { FigureQuery } from "../live/queries";
import { useFigures, useRevision } from "../live/useFigures";
import shared from "../shared.module.css";
import { ClaimRow } from "./ClaimRow";
import classes from "./claims.module.css";

interface Props extends ChartProps {
  id: number;
  regularizer: string[] | undefined;
}

/** What the textbook says of regularization, measured: a row per claim, with its verdict and its numbers over λ. */
export function ClaimsSection({ id, regularizer, ...chartProps }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const query = useMemo<FigureQuery>(() => (regularizer ? { regularizer } : {}), [regularizer]);
  const { figureSet, error, refetch } = useFigures(id, "claims", query, isBuilt);
  return (
    <section ref={section} className={shared.section} aria-labelledby="claims-title">
      <h2 id="claims-title">What the textbook says</h2>
      {figureSet && !error ? (
        <Claims figureSet={figureSet} {...chartProps} />
      ) : (
        <FiguresSkeleton
          what="The claims"
          onRetry={() => void refetch()}
          error={error}
          height={chartProps.height}
        />
      )}
    </section>
  );
}

function Claims({ figureSet, ...chartProps }: ChartProps & { figureSet: LiveFigureSet }) {
  const revision = useRevision(figureSet);
  const { columns, metrics } = figureSet;
  const first = columns[0]?.figures[metrics[0] ?? ""]?.layout.meta.claim;
  if (first === undefined)
    return <p className={shared.count}>No epoch is finished yet, so nothing is measured.</p>;
  return (
    <>
      {first.so_far !== null && <p className={shared.count}>So far: {first.so_far}.</p>}
      <ol className={classes.claims}>
        {metrics.map((metric) => (
          <ClaimRow key={metric} {...{ metric, columns, revision }} {...chartProps} />
        ))}
      </ol>
      {first.note !== null && <p className={shared.count}>{first.note}</p>}
    </>
  );
}
