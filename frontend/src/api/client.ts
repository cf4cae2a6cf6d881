import createClient from "openapi-fetch";
import { watchedFetch } from "./connection";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type ErrorDetail = Schemas["ErrorDetail"];

/** The API's client, typed by its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: watchedFetch });

/** An error response of the API. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: ErrorDetail[] = [],
    readonly requestId = "",
    /** The current values, where a change named an outdated version. */
    readonly current?: Schemas["Annotations"],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of a response. Throws ApiError for an error response and TypeError where the API was not reached. */
export async function unwrap<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await request;
  if (response.ok) return data as Data;
  throw readError(response.status, error);
}

function readError(status: number, error: unknown): ApiError {
  if (typeof error === "object" && error !== null && "error" in error) {
    const {
      code,
      message,
      details = [],
      request_id: id,
      current,
    } = (error as Schemas["ErrorResponse"]).error;
    return new ApiError(status, code, message, details, id, current ?? undefined);
  }
  return new ApiError(status, "unknown", `The server answered with status ${status} and no explanation.`);
}

/** An error as a sentence for the reader. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "Ridgeline could not be reached. Is it still running?";
  return error instanceof Error ? error.message : String(error);
}
