import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { Fragment, useMemo, useState } from "react";
import type { Task } from "../../text/scores";
import { type ChartInteraction, cellClass } from "../charts/interaction/chartInteraction";
import { copyTable } from "../runs/copyTable";
import { RunsTable } from "../runs/RunsTable";
import classes from "../runs/runs.module.css";
import { markSort, toAriaSort } from "../runs/sortMarks";
import type { CellKey, RunView, StrengthRow, StrengthTable } from "../types";
import { makeColumns } from "./strengthColumns";
import own from "./strengths.module.css";

interface Props {
  table: StrengthTable;
  runs: readonly RunView[];
  task: Task;
  onPin: (cell: CellKey) => void;
  interaction: ChartInteraction;
}

/** A row per strength, sortable. A hovered or focused row highlights its curves; a button opens its runs. */
export function StrengthsTable({ table: { metric, rows: data }, runs, task, onPin, interaction }: Props) {
  const [sorting, setSorting] = useState<SortingState>([]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const columns = useMemo(() => {
    const toggle = (row: StrengthRow) =>
      setOpened((before) => {
        const id = cellClass(row);
        return new Set(before.has(id) ? [...before].filter((other) => other !== id) : [...before, id]);
      });
    return makeColumns({ task, metric, onPin, opened, toggle });
  }, [task, metric, onPin, opened]);
  const table = useReactTable({
    data,
    columns,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: cellClass,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.tableFrame} aria-label="Table of strengths" tabIndex={0} onCopy={copyTable}>
      <table className={`${classes.table} ${own.table}`}>
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
          {table.getRowModel().rows.map((row) => {
            const { regularizer, strength } = row.original;
            const isOpen = opened.has(row.id);
            const highlight = () => interaction.setHighlight("row", { regularizer, strength });
            const leave = () => interaction.setHighlight("row", null);
            return (
              <Fragment key={row.id}>
                <tr
                  data-cell={row.id}
                  onPointerEnter={highlight}
                  onPointerLeave={leave}
                  onFocus={highlight}
                  onBlur={leave}
                >
                  {row.getVisibleCells().map((cell) => (
                    <td key={cell.id}>{flexRender(cell.column.columnDef.cell, cell.getContext())}</td>
                  ))}
                </tr>
                {isOpen && (
                  <tr>
                    <td colSpan={columns.length} className={own.runs}>
                      <OpenedRuns
                        runs={runs.filter(
                          (run) => run.regularizer === regularizer && run.strength === strength,
                        )}
                        label={`Runs of ${row.original.label}, ${row.original.name}`}
                        {...{ task, onPin, interaction }}
                      />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

type OpenedProps = Omit<Props, "table" | "runs"> & { runs: RunView[]; label: string };

function OpenedRuns(props: OpenedProps) {
  const [sort, setSort] = useState<string | undefined>();
  return <RunsTable {...props} sort={sort} onSort={setSort} />;
}
