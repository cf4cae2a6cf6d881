/** What a sketch of a schedule needs; see core.spec. */
export interface Schedule {
  name: string;
  warmup: number;
  final: number;
  every: number;
  factor: number;
}

/** The factor on the learning rate after so many epochs of all: the trainer's schedule with steps of no length. */
export function findFactor(schedule: Schedule, epoch: number, epochs: number): number {
  const { name, warmup, final, every, factor } = schedule;
  if (epoch < warmup) return epoch / warmup;
  const past = epoch - warmup;
  if (name === "cosine") {
    const left = epochs - warmup;
    return left > 0 ? final + ((1 - final) * (1 + Math.cos((Math.PI * past) / left))) / 2 : 1;
  }
  return name === "step" ? factor ** Math.floor(past / every) : 1;
}

/** The factor at `count` even places from the first epoch to the last; just before its end where a step would fall there. */
export function sampleFactors(schedule: Schedule, epochs: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const epoch = (epochs * index) / (count - 1);
    return findFactor(schedule, schedule.name === "step" ? Math.min(epoch, epochs - 1e-9) : epoch, epochs);
  });
}
