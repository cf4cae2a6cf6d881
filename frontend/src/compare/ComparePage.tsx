import { Stack, Title } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { LinkButton } from "../shell/LinkButton";
import { Notice } from "../shell/Notice";
import { CompareView } from "./CompareView";
import { type CompareSearch, MOST_COMPARED, parseIds, writeIds } from "./search";

/** Experiments beside one another: `/compare?ids=3,7`. */
export function ComparePage() {
  const search = useSearch({ from: "/compare" });
  const navigate = useNavigate({ from: "/compare" });
  const change = useCallback(
    (part: Partial<CompareSearch>) =>
      void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const { ids, wrong } = parseIds(search.ids);
  const isPossible = ids.length >= 2 && ids.length <= MOST_COMPARED;
  return (
    <Stack gap="md">
      <title>Compare · Ridgeline</title>
      <Title order={1} size={26}>
        Compare experiments
      </Title>
      {wrong.length > 0 && <Notice title={`No experiments: ${wrong.slice(0, 5).join(", ")}`} />}
      {isPossible ? (
        <CompareView
          key={ids.join()}
          ids={ids}
          search={search}
          onChange={change}
          onIds={(next) => change({ ids: writeIds(next) })}
        />
      ) : (
        <Notice title={`Two to six experiments can be compared; the address names ${ids.length || "none"}`}>
          <LinkButton to="/" search={{ chosen: writeIds(ids) }} size="xs" variant="default" mt={8}>
            Choose them in the list
          </LinkButton>
        </Notice>
      )}
    </Stack>
  );
}
