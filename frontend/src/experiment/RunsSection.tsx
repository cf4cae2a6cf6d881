import { useRef } from "react";
import type { Task } from "../format";
import { countNoun } from "../format";
import { classes } from "./classes";
import { useNear } from "./hooks";
import { RunsTable } from "./RunsTable";
import type { CellKey, RunView } from "./types";
import type { View } from "./view";

interface Props {
  runs: RunView[];
  task: Task;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onPin: (cell: CellKey) => void;
  view: View;
}

/** The table of runs; it is built when it comes near the screen, for it may be long. */
export function RunsSection({ runs, ...rest }: Props) {
  const section = useRef<HTMLElement>(null);
  const isNear = useNear(section);
  return (
    <section ref={section} className={classes.section} aria-labelledby="runs-title">
      <h2 id="runs-title">
        Runs {runs.length > 0 && <span className={classes.count}>{countNoun(runs.length, "run")}</span>}
      </h2>
      {isNear && runs.length > 0 ? <RunsTable runs={runs} {...rest} /> : <div style={{ minHeight: 240 }} />}
    </section>
  );
}
