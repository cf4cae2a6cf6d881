import { api, type Schemas, unwrap } from "../../api/client";
import { type CheckedText, useCheckedText } from "../form/useCheckedText";

/** A spec's text, validated by the API. */
export type CheckedSpec = CheckedText<Schemas["SpecReading"]>;

const PAUSE = 350;

export function readSpecText(text: string, signal?: AbortSignal): Promise<Schemas["SpecReading"]> {
  return unwrap(api.POST("/api/spec", { body: { text }, signal }));
}

export function useSpecText(text: string | null): CheckedSpec | null {
  return useCheckedText(text, PAUSE, readSpecText);
}
