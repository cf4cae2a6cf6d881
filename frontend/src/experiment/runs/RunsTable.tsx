import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { formatCount, writeWhole } from "../../text/numbers";
import type { Task } from "../../text/scores";
import { type ChartInteraction, cellClass } from "../charts/interaction/chartInteraction";
import { useIsPrinting } from "../charts/rendering/print";
import shared from "../shared.module.css";
import type { CellKey, RunView } from "../types";
import { copyTable } from "./copyTable";
import { formatColumns } from "./numericColumns";
import { makeColumns, nameStrengths } from "./runColumns";
import classes from "./runs.module.css";
import { markSort, toAriaSort } from "./sortMarks";

interface Props {
  runs: RunView[];
  task: Task;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onPin: (cell: CellKey) => void;
  interaction: ChartInteraction;
  label?: string;
}

const PORTION = 200;

/** The runs, sortable. A hovered or focused row highlights its curve. */
export function RunsTable({ runs, task, sort, onSort, onPin, interaction, label = "Runs" }: Props) {
  const [portion, setMost] = useState(PORTION);
  const most = useIsPrinting() ? runs.length : portion;
  const names = useMemo(() => nameStrengths(runs), [runs]);
  const hasFolds = useMemo(() => runs.some(({ split }) => split > 0), [runs]);
  const columns = useMemo(() => makeColumns(task, names, hasFolds, onPin), [task, names, hasFolds, onPin]);
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
      <section className={classes.tableFrame} aria-label={label} tabIndex={0} onCopy={copyTable}>
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
