import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ApiError, api, type Schemas, unwrap } from "../api/client";
import { COMPARISON_KEY } from "../api/queryKeys";

export type Comparison = Schemas["Comparison"];
export type AcrossVerdict = Schemas["AcrossVerdict"];
export type Compared = Schemas["ExperimentSummary"];
export type LineStyle = Schemas["LineStyle"];

const MILLISECONDS = 2_000;

const shared = {
  placeholderData: keepPreviousData,
  retry: (count: number, error: Error) => !(error instanceof ApiError && error.status < 500) && count < 2,
};

/** Read again while runs train. */
export function readComparison(ids: readonly number[], metric: "score" | "loss") {
  return queryOptions({
    ...shared,
    queryKey: [...COMPARISON_KEY, ids, metric],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/comparison", { params: { query: { experiment: [...ids], metric } }, signal }),
      ) as Promise<Comparison>,
    refetchInterval: ({ state }) => (state.data?.complete === false ? MILLISECONDS : false),
  });
}

/** `isActive`: whether runs train. */
export function readJointFigures(ids: readonly number[], isActive: boolean, isWanted: boolean) {
  return queryOptions({
    ...shared,
    queryKey: [...COMPARISON_KEY, ids, "figures"],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/comparison/figures", { params: { query: { experiment: [...ids] } }, signal }),
      ) as Promise<Schemas["ComparisonFigures"]>,
    enabled: isWanted,
    structuralSharing: false,
    refetchInterval: isActive ? MILLISECONDS : false,
  });
}
