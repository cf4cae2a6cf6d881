import { useNavigate } from "@tanstack/react-router";
import { createColumnHelper, flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { type MouseEvent, useMemo } from "react";
import type { Schemas } from "../api/client";
import { BestCell, NameCell, RegularizersCell, SetupCell, StateCell, WhenCell } from "./Cells";
import classes from "./list.module.css";
import { RowActions } from "./RowActions";

type Summary = Schemas["ExperimentSummary"];
const column = createColumnHelper<Summary>();

function makeColumns(labels: Record<string, string>) {
  return [
    column.display({ id: "name", header: "Name", cell: ({ row }) => <NameCell row={row.original} /> }),
    column.display({
      id: "setup",
      header: "Data and network",
      cell: ({ row }) => <SetupCell row={row.original} labels={labels} />,
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
}

interface Props {
  items: Summary[];
  labels: Record<string, string>;
  isStale: boolean;
}

/** The table; on a narrow screen the same rows stand as cards. Roles are explicit because CSS takes the table apart. */
export function ExperimentsTable({ items, labels, isStale }: Props) {
  const navigate = useNavigate();
  const columns = useMemo(() => makeColumns(labels), [labels]);
  const table = useReactTable({
    data: items,
    columns,
    getCoreRowModel: getCoreRowModel(),
    getRowId: (row) => String(row.id),
  });
  const open = (event: MouseEvent, id: string) => {
    const isOnControl =
      (event.target as HTMLElement).closest("a, button, [role=menu], [role=dialog]") !== null;
    if (!isOnControl && window.getSelection()?.isCollapsed !== false)
      void navigate({ to: "/experiments/$id", params: { id } });
  };
  return (
    <table role="table" className={classes.table} aria-label="Experiments" data-stale={isStale || undefined}>
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
      <tbody role="rowgroup">
        {table.getRowModel().rows.map((row) => (
          // A convenience for the mouse: the keyboard and screen readers have the link in the first cell.
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
  );
}
