import { useQuery } from "@tanstack/react-query";
import { useConnectionLost } from "../api/connection";
import { readSystem } from "../api/queries";
import classes from "./shell.module.css";

/** The warning of a full disk, on every page. */
export function DiskNote() {
  const { data } = useQuery(readSystem());
  const isLost = useConnectionLost();
  return (
    <div role="status">
      {data?.disk_full && !isLost && (
        <div className={classes.lost}>
          The disk of the database is full: nothing can be saved. What trains waits, and goes on by itself
          once there is room.
        </div>
      )}
    </div>
  );
}
