import {
  createColumnHelper,
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { formatStrengths } from "../../text/digits";
import { formatCount, MISSING, writeWhole } from "../../text/numbers";
import { getSymbol, labelRegularizer } from "../../text/regularizers";
import type { Task } from "../../text/scores";
import { formatStrength } from "../../text/strengths";
import { type ChartInteraction, cellClass } from "../charts/interaction/chartInteraction";
import { useIsPrinting } from "../charts/rendering/print";
import shared from "../shared.module.css";
import type { CellKey, RunView } from "../types";
import { copyTable } from "./copyTable";
import { formatColumns, NUMERIC_COLUMNS } from "./numericColumns";
import classes from "./runs.module.css";
import { describeStop } from "./runValues";

interface Props {
  runs: RunView[];
  task: Task;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onPin: (cell: CellKey) => void;
  interaction: ChartInteraction;
}

const PORTION = 200;
const column = createColumnHelper<RunView>();

/** The runs, sortable. A hovered or focused row highlights its curve. */
export function RunsTable({ runs, task, sort, onSort, onPin, interaction }: Props) {
  const [portion, setMost] = useState(PORTION);
  const most = useIsPrinting() ? runs.length : portion;
  const names = useMemo(() => nameStrengths(runs), [runs]);
  const columns = useMemo(() => makeColumns(task, names, onPin), [task, names, onPin]);
  const sorting = useMemo<SortingState>(
    () => (sort === undefined ? [] : [{ id: sort.replace(/^-/, ""), desc: sort.startsWith("-") }]),
    [sort],
  );
  const table = useReactTable({
    data: runs,
    columns,
    state: { sorting },
    onSortingChange: (update) => {
      const [first] = typeof update === "function" ? update(sorting) : update;
      onSort(first === undefined ? undefined : `${first.desc ? "-" : ""}${first.id}`);
    },
    getRowId: (run) => String(run.id),
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const rows = table.getRowModel().rows;
  const shown = rows.slice(0, most);
  const texts = formatColumns(shown, task);
  const highlight = (run: RunView | null) =>
    interaction.setHighlight(
      "row",
      run && { regularizer: run.regularizer, strength: run.strength, run: run.id },
    );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.tableFrame} aria-label="Runs" tabIndex={0} onCopy={copyTable}>
        <table className={classes.table}>
          <thead>
            <tr>
              {table.getFlatHeaders().map((header) => (
                <th key={header.id} scope="col" aria-sort={toAriaSort(header.column.getIsSorted())}>
                  <button type="button" onClick={header.column.getToggleSortingHandler()}>
                    {flexRender(header.column.columnDef.header, header.getContext())}
                    <span aria-hidden="true">{markSort(header.column.getIsSorted())}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr
                key={row.id}
                data-cell={cellClass(row.original)}
                onPointerEnter={() => highlight(row.original)}
                onPointerLeave={() => highlight(null)}
                onFocus={() => highlight(row.original)}
                onBlur={() => highlight(null)}
              >
                {row.getVisibleCells().map((cell) => {
                  const value = cell.getValue();
                  const whole = typeof value === "number" ? writeWhole(value) : undefined;
                  const text = typeof value === "number" ? texts.get(cell.column.id)?.get(value) : undefined;
                  return (
                    <td key={cell.id} title={text === whole ? undefined : whole} data-whole={whole}>
                      {text ?? flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > most && (
        <p className={classes.more}>
          Showing {formatCount(most)} of {formatCount(rows.length)} runs.{" "}
          <button type="button" className={shared.textButton} onClick={() => setMost(portion + 5 * PORTION)}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

type Names = Map<string, Map<number, string>>;

/** Distinct texts of the strengths, by regularizer. */
function nameStrengths(runs: readonly RunView[]): Names {
  const found = new Map<string, Set<number>>();
  for (const { regularizer, strength } of runs)
    found.set(regularizer, (found.get(regularizer) ?? new Set()).add(strength));
  return new Map([...found].map(([key, strengths]) => [key, formatStrengths(strengths, getSymbol(key))]));
}

function makeColumns(task: Task, names: Names, onPin: (cell: CellKey) => void) {
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

function toAriaSort(sorted: false | "asc" | "desc") {
  return sorted === false ? "none" : sorted === "asc" ? "ascending" : "descending";
}

function markSort(sorted: false | "asc" | "desc"): string {
  return sorted === false ? "" : sorted === "asc" ? " ↑" : " ↓";
}
