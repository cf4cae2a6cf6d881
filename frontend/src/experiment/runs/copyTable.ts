/** Copies the selected cells as tab-separated text, with all digits of the numbers. */
export function copyTable(event: React.ClipboardEvent<HTMLElement>): void {
  const selection = window.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  const rows = [...event.currentTarget.querySelectorAll("tr")].filter((row) => range.intersectsNode(row));
  const lines = rows.map((row) =>
    [...row.cells]
      .filter((cell) => range.intersectsNode(cell))
      .map((cell) => cell.dataset.whole ?? readInner(cell) ?? cell.innerText.trim())
      .join("\t"),
  );
  if (lines.length === 0) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", lines.join("\n"));
}

/** What the cell's content says of itself. */
function readInner(cell: HTMLTableCellElement): string | undefined {
  return cell.querySelector<HTMLElement>("[data-whole]")?.dataset.whole;
}
