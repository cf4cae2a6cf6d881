import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

/** Whether a key press is typed into a field, or meant for the browser. */
export function isHandledElsewhere(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  const isTyping =
    target?.closest(
      "input:not([data-row-choice]), textarea, select, [contenteditable=true], [role=dialog]",
    ) != null;
  return isTyping || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey;
}

/** Keyboard shortcuts of every page. */
export function useShortcuts(showKeys: () => void, isIn: boolean, canChange: boolean): void {
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isIn || isHandledElsewhere(event)) return;
      if (event.key === "n" && canChange) {
        event.preventDefault();
        void navigate({ to: "/new" });
      } else if (event.key === "?") {
        event.preventDefault();
        showKeys();
      } else if (event.key === "e") {
        event.preventDefault();
        void navigate({ to: "/" });
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate, showKeys, isIn, canChange]);
}
