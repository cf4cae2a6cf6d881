import { createColumnHelper } from "@tanstack/react-table";
import { formatStrengths } from "../../text/digits";
import { MISSING } from "../../text/numbers";
import { getSymbol, labelRegularizer } from "../../text/regularizers";
import type { Task } from "../../text/scores";
import { formatStrength } from "../../text/strengths";
import shared from "../shared.module.css";
import type { CellKey, RunView } from "../types";
import { NUMERIC_COLUMNS } from "./numericColumns";
import classes from "./runs.module.css";
import { describeStop } from "./runValues";

const column = createColumnHelper<RunView>();

type Names = Map<string, Map<number, string>>;

/** Distinct texts of the strengths, by regularizer. */
export function nameStrengths(runs: readonly RunView[]): Names {
  const found = new Map<string, Set<number>>();
  for (const { regularizer, strength } of runs)
    found.set(regularizer, (found.get(regularizer) ?? new Set()).add(strength));
  return new Map([...found].map(([key, strengths]) => [key, formatStrengths(strengths, getSymbol(key))]));
}

/** The columns of the runs table. */
export function makeColumns(task: Task, names: Names, hasFolds: boolean, onPin: (cell: CellKey) => void) {
  // Missing numbers come last in either order; formatColumns writes the others.
  const numeric = {
    sortingFn: "basic",
    sortUndefined: "last",
    sortDescFirst: true,
    cell: () => MISSING,
  } as const;
  return [
    column.accessor((run) => labelRegularizer(run.regularizer), { id: "regularizer", header: "Regularizer" }),
    column.accessor("strength", {
      header: "Strength",
      sortingFn: "basic",
      sortDescFirst: false,
      cell: ({ row: { original: run } }) =>
        run.regularizer === "none" ? (
          MISSING
        ) : (
          <button type="button" className={classes.pin} onClick={() => onPin(run)}>
            {names.get(run.regularizer)?.get(run.strength) ??
              formatStrength(run.strength, getSymbol(run.regularizer))}
          </button>
        ),
    }),
    column.accessor("seed", { header: "Seed", sortingFn: "basic", sortDescFirst: false }),
    ...(hasFolds
      ? [column.accessor("split", { header: "Fold", sortingFn: "basic", sortDescFirst: false })]
      : []),
    column.accessor("state", { header: "State", cell: ({ row }) => <StateCell run={row.original} /> }),
    ...NUMERIC_COLUMNS.map(({ id, header, read }) =>
      column.accessor((run) => read(run) ?? undefined, { ...numeric, id, header: header(task) }),
    ),
  ];
}

function StateCell({ run }: { run: RunView }) {
  const isDiverged = run.state === "diverged" || run.diverged_epoch !== null;
  const stop = describeStop(run);
  return (
    <span className={shared.state} data-state={isDiverged ? "diverged" : stop ? "stopped" : run.state}>
      {isDiverged ? `diverged at epoch ${run.diverged_epoch ?? MISSING}` : (stop ?? run.state)}
    </span>
  );
}
