import { nameScore, type Task } from "../text/scores";

/** The charts of curves in their order, and the titles that their figures will have. */
export function listCurves(task: Task): { metric: string; title: string }[] {
  const score = nameScore(task);
  return [
    { metric: "train_loss", title: "Training loss" },
    { metric: "validation_loss", title: "Validation loss" },
    { metric: "train_score", title: `Training ${score}` },
    { metric: "validation_score", title: `Validation ${score}` },
  ];
}

/** The training loss of every step, shown in place of that of every epoch. */
export const BATCH_LOSS = "batch_loss";

/** Which of the two switches makes a metric's axis logarithmic. */
export function chooseAxis(metric: string): "loss" | "score" {
  return metric.endsWith("loss") || metric.startsWith("weight") ? "loss" : "score";
}
