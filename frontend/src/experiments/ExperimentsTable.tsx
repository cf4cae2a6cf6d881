import { useNavigate } from "@tanstack/react-router";
import { createColumnHelper, flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { createContext, type MouseEvent, useContext, useRef } from "react";
import type { Schemas } from "../api/client";
import { BestCell, NameCell, RegularizersCell, SetupCell, StateCell, WhenCell } from "./Cells";
import classes from "./list.module.css";
import { RowActions } from "./RowActions";
import { useRowFocus } from "./useRowFocus";

type Summary = Schemas["ExperimentSummary"];
const column = createColumnHelper<Summary>();

const Labels = createContext<Record<string, string>>({});

// A constant: new column objects would remount the cells, and the focus would be lost.
const COLUMNS = [
  column.display({ id: "name", header: "Name", cell: ({ row }) => <NameCell row={row.original} /> }),
  column.display({
    id: "setup",
    header: "Data and network",
    cell: ({ row }) => <LabelledSetup row={row.original} />,
  }),
  column.display({
    id: "regularizers",
    header: "Validation score over strength",
    cell: ({ row }) => <RegularizersCell row={row.original} />,
  }),
  column.display({ id: "state", header: "State", cell: ({ row }) => <StateCell row={row.original} /> }),
  column.display({ id: "best", header: "Best result", cell: ({ row }) => <BestCell row={row.original} /> }),
  column.display({ id: "when", header: "When", cell: ({ row }) => <WhenCell row={row.original} /> }),
  column.display({
    id: "actions",
    header: () => <span className={classes.hidden}>Actions</span>,
    cell: ({ row }) => <RowActions row={row.original} />,
  }),
];

function LabelledSetup({ row }: { row: Summary }) {
  return <SetupCell row={row} labels={useContext(Labels)} />;
}

interface Props {
  items: Summary[];
  labels: Record<string, string>;
  isStale: boolean;
}

/**
 * The experiments as a table, or as cards on a narrow screen. Roles are explicit because the CSS of cards removes them.
 */
export function ExperimentsTable({ items, labels, isStale }: Props) {
  const navigate = useNavigate();
  const table = useReactTable({
    data: items,
    columns: COLUMNS,
    getCoreRowModel: getCoreRowModel(),
    getRowId: (row) => String(row.id),
  });
  const body = useRef<HTMLTableSectionElement>(null);
  useRowFocus(body, items.map(({ id }) => id).join());
  const open = (event: MouseEvent, id: string) => {
    const isOnControl =
      (event.target as HTMLElement).closest("a, button, label, [role=menu], [role=dialog]") !== null;
    if (!isOnControl && window.getSelection()?.isCollapsed !== false)
      void navigate({ to: "/experiments/$id", params: { id } });
  };
  return (
    <Labels value={labels}>
      <table
        role="table"
        className={classes.table}
        aria-label="Experiments"
        data-stale={isStale || undefined}
      >
        <thead role="rowgroup">
          {table.getHeaderGroups().map((group) => (
            <tr role="row" key={group.id}>
              {group.headers.map((header) => (
                <th role="columnheader" key={header.id} scope="col" data-column={header.id}>
                  {flexRender(header.column.columnDef.header, header.getContext())}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody role="rowgroup" ref={body}>
          {table.getRowModel().rows.map((row) => (
            // For the mouse only; keyboard and screen readers use the link in the first cell.
            <tr role="row" key={row.id} data-row onClick={(event) => open(event, row.id)}>
              {row.getVisibleCells().map((cell) => (
                <td role="cell" key={cell.id} data-column={cell.column.id}>
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Labels>
  );
}
