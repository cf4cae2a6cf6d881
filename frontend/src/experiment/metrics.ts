import { nameScore, type Task } from "../text/scores";

/** The metrics of the curves in their order, with the titles of their figures. */
export function listCurves(task: Task): { metric: string; title: string }[] {
  const score = nameScore(task);
  return [
    { metric: "train_loss", title: "Training loss" },
    { metric: "validation_loss", title: "Validation loss" },
    { metric: "train_score", title: `Training ${score}` },
    { metric: "validation_score", title: `Validation ${score}` },
  ];
}

/** The training loss per step, shown instead of the one per epoch. */
export const BATCH_LOSS = "batch_loss";

/** The validation loss less the training loss. */
export const GAP = "loss_gap";

/** Which option makes a metric's axis logarithmic; null where none does, as of a difference, which may be negative. */
export function chooseAxis(metric: string): "loss" | "score" | null {
  if (metric === GAP) return null;
  return metric.endsWith("loss") || metric.startsWith("weight") ? "loss" : "score";
}
