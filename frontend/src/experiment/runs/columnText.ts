import { formatDistinct, formatNumbers, formatScores, formatShares } from "../../text/digits";
import { formatNumber, type Task } from "../../text/format";

type Texts = Map<number, string>;
type Writer = (values: number[]) => Texts;

/** How the numbers of the runs table's columns are written, by the column's name. */
function listWriters(task: Task): Record<string, Writer> {
  return {
    best: (values) => formatScores(values, task),
    best_epoch: (values) => formatDistinct(values, formatNumber, 6),
    loss: formatNumbers,
    gap: task === "regression" ? formatNumbers : formatShares,
    zeros: formatShares,
    norm: formatNumbers,
  };
}

/** The texts of each numeric column, with as many digits as tell its rows apart. */
export function writeColumns(
  rows: readonly { getValue(column: string): unknown }[],
  task: Task,
): Map<string, Texts> {
  const writers = Object.entries(listWriters(task));
  return new Map(
    writers.map(([column, write]) => {
      const values = rows.map((row) => row.getValue(column)).filter((value) => typeof value === "number");
      return [column, write(values)];
    }),
  );
}

/** Copies what is selected of a table with its numbers whole: tabs between cells, a line per row. */
export function copyWhole(event: React.ClipboardEvent<HTMLElement>): void {
  const selection = window.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  const rows = [...event.currentTarget.querySelectorAll("tr")].filter((row) => range.intersectsNode(row));
  const lines = rows.map((row) =>
    [...row.cells]
      .filter((cell) => range.intersectsNode(cell))
      .map((cell) => cell.dataset.whole ?? cell.innerText.trim())
      .join("\t"),
  );
  if (lines.length === 0) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", lines.join("\n"));
}
