import { useEffect, useState } from "react";
import { ApiError, describeError, type ErrorDetail } from "../../api/client";

/** What the API says of a text. */
export interface CheckedText<Data> {
  text: string;
  /** Null while the text is wrong or the API is away. */
  data: Data | null;
  details: ErrorDetail[];
  /** Why there is no answer, where no field and no line is to blame. */
  problem: string | null;
}

/**
 * Asks the API about a text, a moment after its last change; the last answer stands until the next is there. Null while
 * there is no text. `ask` must stay the same function.
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
