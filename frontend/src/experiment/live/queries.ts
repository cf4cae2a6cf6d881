import { queryOptions } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "../../api/client";
import { watchedFetch } from "../../api/connection";
import { figuresKey, runsKey } from "../../api/queryKeys";
import type { FigureName } from "../types";

export interface FigureQuery {
  regularizer?: string[];
  x?: "seconds";
  smoothing?: number;
  seeds?: "mean";
  /** The class whose coefficients are read. */
  output?: number;
  /** Strengths that the colours span besides the experiment's own. */
  weakest?: number;
  strongest?: number;
  /** The epoch and the layer whose weights are read. */
  epoch?: number;
  layer?: string;
  start?: number;
  stop?: number;
}

declare global {
  interface Window {
    /** Responses requested by start.ts, before the first module ran. */
    early?: Record<string, Promise<Response>>;
  }
}

/** fetch that uses a response requested by start.ts, once. */
async function earlyFetch(request: Request): Promise<Response> {
  const path = request.url.slice(window.location.origin.length);
  const early = window.early?.[path];
  if (early === undefined) return watchedFetch(request);
  delete window.early?.[path];
  const response = await early.catch(() => null);
  return response === null || response.status === 401 ? watchedFetch(request) : response;
}

/** A figure set, read once; the live stream updates it. */
export function readFigures(id: number, figure: FigureName, query: FigureQuery) {
  return queryOptions({
    queryKey: [...figuresKey(id), figure, query],
    queryFn: async ({ signal }) => {
      const path = { experiment_id: id, figure };
      const request = api.GET("/api/experiments/{experiment_id}/figures/{figure}", {
        params: { path, query },
        signal,
        fetch: earlyFetch,
      });
      return { set: await unwrap<Schemas["FigureSet"]>(request), query };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 120_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    structuralSharing: false,
    // The stream itself repeats what a lost connection missed.
    meta: { heals: "itself" },
  });
}

export function readExperimentEarly(id: number) {
  return unwrap(
    api.GET("/api/experiments/{experiment_id}", {
      params: { path: { experiment_id: id } },
      fetch: earlyFetch,
    }),
  );
}

export function readRuns(id: number) {
  return queryOptions({
    queryKey: runsKey(id),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/experiments/{experiment_id}/runs", { params: { path: { experiment_id: id } }, signal }),
      ),
  });
}
