import { Button, Skeleton, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { ApiError, describeError } from "../api/client";
import { COMPARISON_KEY } from "../api/queryKeys";
import { ChartInteraction } from "../experiment/charts/interaction/chartInteraction";
import { Tooltip } from "../experiment/charts/interaction/tooltip";
import { useChartTheme } from "../experiment/charts/rendering/useChartTheme";
import { useNarrow } from "../experiment/charts/useWidth";
import { useTopic } from "../live/liveClient";
import { LinkButton } from "../shell/LinkButton";
import { Notice } from "../shell/Notice";
import { AcrossSection } from "./AcrossSection";
import { ComparedList } from "./ComparedList";
import { CurvesSection } from "./CurvesSection";
import { DifferencesSection } from "./DifferencesSection";
import { PathsSection } from "./PathsSection";
import { type Compared, readComparison, readJointFigures } from "./queries";
import { type CompareSearch, writeIds } from "./search";

interface Props {
  ids: number[];
  search: CompareSearch;
  onChange: (change: Partial<CompareSearch>) => void;
  onIds: (ids: number[]) => void;
}

/** What differs between experiments: on test, in their specs, over the strength, over the epochs. */
export function CompareView({ ids, search, onChange, onIds }: Props) {
  const metric = search.by ?? "score";
  const { data: comparison, error, refetch } = useQuery(readComparison(ids, metric));
  const isActive = comparison?.complete === false;
  const { data: figures } = useQuery(readJointFigures(ids, isActive, comparison !== undefined));
  const { interaction, tooltip } = useChartInteraction();
  const chartProps = { theme: useChartTheme(), interaction, tooltip, height: useNarrow() ? 220 : 226 };
  const experiments = comparison?.experiments ?? [];
  const columns = figures?.columns ?? [];
  const keys = listKeys(experiments);
  const shown = search.show !== undefined && keys.includes(search.show) ? search.show : (keys[0] ?? "none");
  const scale = columns.find(({ regularizer }) => regularizer === shown)?.scale ?? null;
  useLayoutEffect(
    () => interaction.setStrengthLabels(figures?.columns.map((column) => column.scale) ?? []),
    [interaction, figures],
  );
  const { strength } = search;
  useEffect(
    () =>
      interaction.setHighlight("pinned", strength === undefined ? null : { regularizer: shown, strength }),
    [interaction, shown, strength],
  );
  const followers = ids.map((id) => <Follower key={id} id={id} />);
  if (error instanceof ApiError && error.status === 404)
    return <Missing ids={ids} error={error} onIds={onIds} />;
  if (comparison === undefined) return <Waiting error={error} retry={() => void refetch()} />;
  const isOneTask = new Set(experiments.map(({ task }) => task)).size === 1;
  return (
    <div>
      {followers}
      <ComparedList experiments={experiments} styles={figures?.styles ?? []} onChange={onIds} />
      <AcrossSection
        comparison={comparison}
        metric={metric}
        onMetric={(by) => onChange({ by: by === "loss" ? by : undefined })}
      />
      <DifferencesSection comparison={comparison} />
      {figures !== undefined && columns.length > 0 && <PathsSection figures={figures} {...chartProps} />}
      {isOneTask && figures !== undefined && (
        <CurvesSection {...{ experiments, keys, shown, scale, search, onChange }} {...chartProps} />
      )}
    </div>
  );
}

/** The regularizers that any of them swept, those of several first. */
function listKeys(experiments: readonly Compared[]): string[] {
  const all = experiments.flatMap(({ regularizers }) => regularizers.filter((key) => key !== "none"));
  const counts = new Map<string, number>();
  for (const key of all) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts.keys()].sort((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0));
}

/** Reads the comparison again when an experiment begins, ends or is deleted. */
function Follower({ id }: { id: number }) {
  const queryClient = useQueryClient();
  const known = useRef<string | null>(null);
  useTopic(`${id}/state`, "", ({ gone, experiment }) => {
    const state = gone ? "gone" : (experiment?.state ?? known.current);
    if (known.current !== null && state !== known.current)
      void queryClient.invalidateQueries({ queryKey: COMPARISON_KEY });
    known.current = state;
  });
  return null;
}

function useChartInteraction() {
  const [interaction] = useState(() => new ChartInteraction());
  const [tooltip] = useState(() => new Tooltip());
  useEffect(() => {
    const forget = [interaction.mount(), tooltip.mount()];
    return () => {
      for (const undo of forget) undo();
    };
  }, [interaction, tooltip]);
  return { interaction, tooltip };
}

interface MissingProps extends Pick<Props, "ids" | "onIds"> {
  error: ApiError;
}

/** One of them was deleted, or never was. */
function Missing({ ids, error, onIds }: MissingProps) {
  const missing = Number(error.details[0]?.received);
  const others = ids.filter((id) => id !== missing);
  const isPossible = others.length >= 2 && others.length < ids.length;
  return (
    <Notice title={error.message}>
      <p>It may have been deleted, or the address may be mistyped.</p>
      {isPossible ? (
        <Button size="xs" variant="default" onClick={() => onIds(others)}>
          Compare the others
        </Button>
      ) : (
        <LinkButton to="/" search={{ chosen: writeIds(others) }} size="xs" variant="default">
          Choose others in the list
        </LinkButton>
      )}
    </Notice>
  );
}

function Waiting({ error, retry }: { error: Error | null; retry: () => void }) {
  if (error === null)
    return (
      <Stack gap={10} role="status" aria-label="Comparing the experiments">
        {[0, 1, 2, 3].map((row) => (
          <Skeleton key={row} height={62} radius="md" />
        ))}
      </Stack>
    );
  return (
    <Notice title="The comparison could not be loaded">
      <p>{describeError(error)}</p>
      <Button size="xs" variant="default" onClick={retry}>
        Try again
      </Button>
    </Notice>
  );
}
