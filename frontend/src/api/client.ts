import createClient from "openapi-fetch";
import { watchedFetch } from "./connection";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type ErrorDetail = Schemas["ErrorDetail"];

/** Every request goes through this: typed by the API's own OpenAPI document. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: watchedFetch });

/** An answer of the API that is an error, in its one shape. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: ErrorDetail[] = [],
    readonly requestId = "",
    /** What is there now, where a change named a version that is no more. */
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

/** The data of an answer; throws ApiError where it is an error, and TypeError where nothing was reached. */
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

/** A sentence for the reader. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "Ridgeline could not be reached. Is it still running?";
  return error instanceof Error ? error.message : String(error);
}
