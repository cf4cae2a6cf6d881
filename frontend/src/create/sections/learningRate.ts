/** The parameters of a schedule, as in core.spec. */
export interface Schedule {
  name: string;
  warmup: number;
  final: number;
  every: number;
  factor: number;
}

/** The factor of the learning rate at an epoch: the trainer's schedule in continuous time. */
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

/** The factor at `count` evenly spaced epochs; of steps, the last is taken just before the end. */
export function sampleFactors(schedule: Schedule, epochs: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const epoch = (epochs * index) / (count - 1);
    return findFactor(schedule, schedule.name === "step" ? Math.min(epoch, epochs - 1e-9) : epoch, epochs);
  });
}
