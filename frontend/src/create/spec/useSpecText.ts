import { useEffect, useState } from "react";
import { ApiError, api, describeError, type ErrorDetail, type Schemas, unwrap } from "../../api/client";

/** What the API makes of a text. */
export interface CheckedText {
  text: string;
  reading: Schemas["SpecReading"] | null;
  details: ErrorDetail[];
  /** Why it could not be judged, where no line is to blame. */
  problem: string | null;
}

const PAUSE = 350;

export function readSpecText(text: string, signal?: AbortSignal): Promise<Schemas["SpecReading"]> {
  return unwrap(api.POST("/api/spec", { body: { text }, signal }));
}

/** Asks the API to read a text, a moment after the last change; null while there is none. */
export function useSpecText(text: string | null): CheckedText | null {
  const [judged, setJudged] = useState<CheckedText | null>(null);
  useEffect(() => {
    if (text === null) return;
    const controller = new AbortController();
    const timer = window.setTimeout(async () => {
      try {
        const reading = await readSpecText(text, controller.signal);
        setJudged({ text, reading, details: [], problem: null });
      } catch (error) {
        if (controller.signal.aborted) return;
        const details = error instanceof ApiError ? error.details : [];
        setJudged({ text, reading: null, details, problem: details.length ? null : describeError(error) });
      }
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  return text === null ? null : judged;
}
