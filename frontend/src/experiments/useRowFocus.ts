import { type RefObject, useLayoutEffect, useRef } from "react";

/**
 * Where the row that has the focus goes away, because its experiment was deleted elsewhere or stands on another page now,
 * the one that comes to stand in its place gets it: the keyboard goes on from there, not from the top.
 */
export function useRowFocus(body: RefObject<HTMLElement | null>, ids: string): void {
  // The place of the row that had the focus when this was last looked at.
  const place = useRef(-1);
  useLayoutEffect(() => {
    const element = body.current;
    const note = (event: FocusEvent) => {
      const row = (event.target as Element | null)?.closest("[data-row]");
      place.current = element && row ? [...element.children].indexOf(row) : -1;
    };
    const forget = () => {
      place.current = -1;
    };
    document.addEventListener("focusin", note);
    document.addEventListener("pointerdown", forget);
    return () => {
      document.removeEventListener("focusin", note);
      document.removeEventListener("pointerdown", forget);
    };
  }, [body]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are looked at whenever other ones are there
  useLayoutEffect(() => {
    const rows = [...(body.current?.children ?? [])];
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    if (focused === -1 && place.current !== -1 && document.activeElement === document.body)
      rows[Math.min(place.current, rows.length - 1)]?.querySelector<HTMLElement>("[data-row-link]")?.focus();
    else place.current = focused;
  }, [body, ids]);
}
