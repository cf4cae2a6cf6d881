import type { CSSProperties, ReactNode } from "react";
import classes from "./charts.module.css";

/** Charts side by side, in so many columns where the page is wide enough. */
export function CardGrid({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <div className={classes.grid} style={{ "--columns": columns } as CSSProperties}>
      {children}
    </div>
  );
}
