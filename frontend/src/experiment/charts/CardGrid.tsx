import type { CSSProperties, ReactNode } from "react";
import classes from "./charts.module.css";

/** Charts in columns, or below each other on a narrow screen. */
export function CardGrid({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <div className={classes.grid} style={{ "--columns": columns } as CSSProperties}>
      {children}
    </div>
  );
}
