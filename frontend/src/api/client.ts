import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** Every request goes through this: typed by the API's own OpenAPI document. */
export const api = createClient<paths>({ baseUrl: "" });
