import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { isActive, type State } from "../api/queries";
import { FiguresWait } from "./ChartWaits";
import { classes } from "./classes";
import { FigureGroup } from "./group";
import { useBuilt, useOnScreen } from "./hooks";
import { type FigureQuery, POINTS, readFigures } from "./queries";
import { Strengths } from "./Strengths";
import type { ChartTheme } from "./theme";
import type { Tooltip } from "./tooltip";
import type { View } from "./view";

interface Props {
  id: number;
  query: FigureQuery;
  state: State | undefined;
  theme: ChartTheme;
  view: View;
  tooltip: Tooltip;
  height: number;
}

// One number per run, no history: it may be asked for again while the sweep runs.
const PAUSE = 2000;

/** The newest validation score and loss over the strength. */
export function StrengthSection({ id, query, state, theme, view, tooltip, height }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useBuilt(section);
  const isOnScreen = useOnScreen(section);
  const { regularizer } = query;
  const { data, error, refetch } = useQuery({
    ...readFigures(id, "strength", regularizer ? { regularizer } : {}),
    enabled: isBuilt,
    placeholderData: keepPreviousData,
    refetchInterval: isOnScreen && state !== undefined && isActive(state) ? PAUSE : false,
  });
  const group = useMemo(
    () => (data === undefined ? null : new FigureGroup(data.set, "epoch", POINTS)),
    [data],
  );
  return (
    <section ref={section} className={classes.section} aria-labelledby="strength-title">
      <h2 id="strength-title">Over the strength</h2>
      {group ? (
        <Strengths group={group} theme={theme} view={view} tooltip={tooltip} height={height} />
      ) : (
        <FiguresWait
          what="The charts over the strength"
          titles={["Validation score over the strength", "Validation loss over the strength"]}
          onRetry={() => void refetch()}
          {...{ error, height }}
        />
      )}
    </section>
  );
}
