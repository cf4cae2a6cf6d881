import { type RefObject, useEffect } from "react";
import { isHandledElsewhere } from "../shell/useShortcuts";

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** j and k or the arrow keys move the focus between rows; x chooses the row; / focuses the search. */
export function useRowShortcuts(searchField: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isHandledElsewhere(event)) return;
      if (event.key === "/") {
        event.preventDefault();
        searchField.current?.focus();
        return;
      }
      if (event.key === "x") {
        document.activeElement
          ?.closest("[data-row]")
          ?.querySelector<HTMLInputElement>("[data-row-choice]")
          ?.click();
        return;
      }
      const step = STEPS[event.key];
      if (step !== undefined && moveFocus(step, event.key.startsWith("Arrow"))) event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [searchField]);
}

// Arrow keys scroll the page unless a row has the focus.
function moveFocus(step: number, onlyFromRow: boolean): boolean {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("[data-row-link]")];
  const row = document.activeElement?.closest("[data-row]");
  const current = links.findIndex((link) => row?.contains(link));
  if (current === -1 && onlyFromRow) return false;
  const next = current === -1 ? 0 : Math.min(Math.max(current + step, 0), links.length - 1);
  links[next]?.focus();
  return links.length > 0;
}
