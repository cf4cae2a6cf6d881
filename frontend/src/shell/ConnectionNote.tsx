import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useConnectionLost } from "../api/connection";
import classes from "./shell.module.css";

/** Says that Ridgeline cannot be reached, and asks for everything anew once it can. */
export function ConnectionNote() {
  const isLost = useConnectionLost();
  const wasLost = useRef(false);
  const queryClient = useQueryClient();
  useEffect(() => {
    if (wasLost.current && !isLost) void queryClient.invalidateQueries();
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
