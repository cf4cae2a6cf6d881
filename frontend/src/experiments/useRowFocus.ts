import { type RefObject, useLayoutEffect, useRef } from "react";

/**
 * Keeps the focus in the table: when the focused row disappears, the row in its place takes the focus.
 */
export function useRowFocus(body: RefObject<HTMLElement | null>, ids: string): void {
  // Index of the row that last had the focus.
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
