import { useEffect, useState } from "react";
import { ApiError, describeError, type ErrorDetail } from "../../api/client";

/** A text with the API's response to it. */
export interface CheckedText<Data> {
  text: string;
  /** Null if the text is invalid or the API unreachable. */
  data: Data | null;
  details: ErrorDetail[];
  /** The error, if it belongs to no field or line. */
  problem: string | null;
}

/**
 * Sends a text to the API, debounced; the last response is kept until the next. Null without a text. `ask` must be a
 * stable function.
 */
export function useCheckedText<Data>(
  text: string | null,
  pause: number,
  ask: (text: string, signal: AbortSignal) => Promise<Data>,
): CheckedText<Data> | null {
  const [checked, setChecked] = useState<CheckedText<Data> | null>(null);
  useEffect(() => {
    if (text === null) return;
    const controller = new AbortController();
    const timer = window.setTimeout(async () => {
      try {
        const data = await ask(text, controller.signal);
        setChecked({ text, data, details: [], problem: null });
      } catch (error) {
        if (controller.signal.aborted) return;
        const details = error instanceof ApiError ? error.details : [];
        setChecked({ text, data: null, details, problem: details.length ? null : describeError(error) });
      }
    }, pause);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [text, pause, ask]);
  return text === null ? null : checked;
}
