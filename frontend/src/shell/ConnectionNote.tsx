import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useConnectionLost } from "../api/connection";
import { askSession } from "../api/session";
import classes from "./shell.module.css";

/** The warning of an unreachable API; once it is back, everything is read again. */
export function ConnectionNote() {
  const isLost = useConnectionLost();
  const wasLost = useRef(false);
  const queryClient = useQueryClient();
  useEffect(() => {
    // The live stream updates figures by itself.
    if (wasLost.current && !isLost) {
      void askSession();
      void queryClient.invalidateQueries({ predicate: (query) => query.meta?.heals !== "itself" });
    }
    wasLost.current = isLost;
  }, [isLost, queryClient]);
  return (
    <div role="status">
      {isLost && (
        <div className={classes.lost}>Connection lost. Trying again; what runs goes on running.</div>
      )}
    </div>
  );
}
