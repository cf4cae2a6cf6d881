import { formatDistinct, formatNumbers, formatScores, formatShares } from "../../text/digits";
import { formatNumber } from "../../text/numbers";
import { nameScore, type Task } from "../../text/scores";
import type { RunView } from "../types";
import { findGap, readNumber } from "./runValues";

type Texts = Map<number, string>;

/** A column of numbers of the runs table. */
interface NumericColumn {
  /** Its name in the address. */
  id: string;
  header: (task: Task) => string;
  read: (run: RunView) => number | null;
  /** With as many digits as tell the values apart. */
  format: (values: number[], task: Task) => Texts;
}

export const NUMERIC_COLUMNS: readonly NumericColumn[] = [
  {
    id: "best",
    header: (task) => `Best validation ${nameScore(task)}`,
    read: (run) => readNumber(run.best, "validation_score"),
    format: formatScores,
  },
  {
    id: "best_epoch",
    header: () => "at epoch",
    read: (run) => readNumber(run.best, "epoch"),
    format: (values) => formatDistinct(values, formatNumber, 6),
  },
  {
    id: "loss",
    header: () => "Last validation loss",
    read: (run) => readNumber(run.last, "validation_loss"),
    format: formatNumbers,
  },
  {
    id: "gap",
    header: () => "Train − validation",
    read: findGap,
    format: (values, task) => (task === "regression" ? formatNumbers(values) : formatShares(values)),
  },
  {
    id: "zeros",
    header: () => "Zeros",
    read: (run) => readNumber(run.last, "zero_share"),
    format: formatShares,
  },
  {
    id: "norm",
    header: () => "‖w‖₂",
    read: (run) => readNumber(run.last, "weight_l2"),
    format: formatNumbers,
  },
];

/** The texts of each numeric column, by its id. */
export function formatColumns(
  rows: readonly { getValue(column: string): unknown }[],
  task: Task,
): Map<string, Texts> {
  return new Map(
    NUMERIC_COLUMNS.map(({ id, format }) => {
      const values = rows.map((row) => row.getValue(id)).filter((value) => typeof value === "number");
      return [id, format(values, task)];
    }),
  );
}
