import { createColumnHelper } from "@tanstack/react-table";
import { countNoun } from "../../text/numbers";
import { getSymbol } from "../../text/regularizers";
import { nameScore, type Task } from "../../text/scores";
import classes from "../runs/runs.module.css";
import type { CellKey, Estimate, StrengthRow } from "../types";
import {
  formatDifference,
  formatEstimate,
  formatScoreEstimate,
  formatShareEstimate,
  writeWholeEstimate,
} from "./estimates";
import own from "./strengths.module.css";

const column = createColumnHelper<StrengthRow>();

interface Context {
  task: Task;
  metric: "score" | "loss";
  onPin: (cell: CellKey) => void;
  /** The rows whose runs are shown. */
  opened: ReadonlySet<string>;
  toggle: (row: StrengthRow) => void;
}

/** The columns of the table per strength. */
export function makeColumns({ task, metric, onPin, opened, toggle }: Context) {
  const score = nameScore(task);
  const what = metric === "score" ? score : "loss";
  const unit = metric === "score" && task === "classification" ? ", points" : "";
  const formatGap = task === "classification" ? formatShareEstimate : formatEstimate;
  return [
    column.accessor("label", { id: "regularizer", header: "Regularizer" }),
    column.accessor("strength", {
      header: "Strength",
      sortingFn: "basic",
      sortDescFirst: false,
      cell: ({ row: { original: row } }) => <Strength row={row} onPin={onPin} />,
    }),
    column.accessor("runs", {
      header: "Runs",
      sortingFn: "basic",
      cell: ({ row: { id, original: row } }) => (
        <button type="button" className={own.open} aria-expanded={opened.has(id)} onClick={() => toggle(row)}>
          {describeRuns(row)}
        </button>
      ),
    }),
    makeEstimate(
      "score",
      `Validation ${score}`,
      (row) => row.score,
      (value) => formatScoreEstimate(value, task),
    ),
    makeEstimate(
      "difference",
      `Δ ${what} from baseline${unit}`,
      (row) => row.difference,
      (value) => formatDifference(value, metric, task),
    ),
    makeEstimate("loss", "Validation loss", (row) => row.loss, formatEstimate),
    makeEstimate("gap", "Train − validation", (row) => row.gap, formatGap),
    makeEstimate("zeros", "Zeros", (row) => row.zeros, formatShareEstimate),
    makeEstimate("norm", "‖w‖₂", (row) => row.norm, formatEstimate),
    makeEstimate("epochs", "Epochs", (row) => row.epochs, formatEstimate),
  ];
}

/** A column that is sorted by the mean; rows without one come last in either order. */
function makeEstimate(
  id: string,
  header: string,
  read: (row: StrengthRow) => Estimate | null,
  format: (estimate: Estimate | null) => string,
) {
  return column.accessor((row) => read(row)?.mean, {
    id,
    header,
    sortingFn: "basic",
    sortUndefined: "last",
    sortDescFirst: true,
    cell: ({ row: { original: row } }) => {
      const whole = writeWholeEstimate(read(row));
      return (
        <span title={whole || undefined} data-whole={whole}>
          {format(read(row))}
        </span>
      );
    },
  });
}

interface StrengthProps {
  row: StrengthRow;
  onPin: (cell: CellKey) => void;
}

/** The strength, which a click highlights everywhere; marked where validation chooses it. */
function Strength({ row, onPin }: StrengthProps) {
  if (row.regularizer === "none") return "–";
  const symbol = getSymbol(row.regularizer);
  const marks = [
    ...(row.is_minimum ? [`${symbol} min`] : []),
    ...(row.is_one_standard_error ? [`${symbol} 1se`] : []),
  ];
  return (
    <>
      <button type="button" className={classes.pin} onClick={() => onPin(row)}>
        {row.name}
      </button>
      {marks.map((mark) => (
        <span key={mark} className={own.mark}>
          {mark}
        </span>
      ))}
    </>
  );
}

/** `5 runs, 2 diverged`. */
function describeRuns({ runs, diverged, failed, stopped }: StrengthRow): string {
  const parts = [
    ...(diverged > 0 ? [`${diverged} diverged`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(stopped > 0 ? [`${stopped} stopped by halving`] : []),
  ];
  return [countNoun(runs, "run"), ...parts].join(", ");
}
