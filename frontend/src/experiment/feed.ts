import { askSession, waitForLogin } from "../api/session";
import { type Entry, type FigureGroup, parseCursor } from "./group";
import type { EpochEvent, ResetEvent, RunView, StateEvent } from "./types";

export type Connection = "idle" | "open" | "lost" | "ended";

// Figures are asked for and answered within a second or two; events older than these are in every answer.
const KEPT = 600;
// After a refusal; the server asks for ten seconds where streams are too many, but EventSource does not say why.
const PAUSE = 2000;
const LONGEST_PAUSE = 10_000;

/** The live stream of one experiment: the tab's only one. Figures attach to it, components listen to it. */
export class Feed {
  connection: Connection = "idle";
  state: StateEvent | null = null;
  readonly runs = new Map<number, RunView>();
  /** Grows with every change of the state or the connection, and of the runs. */
  version = 0;
  runsVersion = 0;
  private source: EventSource | null = null;
  private cursor = "";
  private batch = false;
  private timer = 0;
  private closings = 0;
  private pause = PAUSE;
  private readonly rewinds = new Map<number, number>();
  private readonly entries: Entry[] = [];
  private readonly groups = new Set<FigureGroup>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly experiment: number,
    private readonly onEnd: () => void,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Listen from `cursor` on, unless the stream is open already. */
  open(cursor: string): void {
    if (this.source !== null || this.connection === "ended") return;
    if (this.cursor === "") {
      this.cursor = cursor;
      for (const [job, reach] of parseCursor(cursor)) this.rewinds.set(job, reach.rewinds);
    }
    this.connect();
  }

  /** Whether epochs shall carry their minibatch losses; a change goes on from where the stream is. */
  carryBatches(batch: boolean): void {
    if (batch === this.batch) return;
    this.batch = batch;
    if (this.source !== null) {
      this.source.close();
      this.connect();
    }
  }

  close(): void {
    this.closings++;
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  /** Keep `group` up to date; what came before its answer is made up for. */
  attach(group: FigureGroup): () => void {
    this.groups.add(group);
    if (this.entries.filter((entry) => group.apply(entry)).length > 0) group.notify();
    return () => this.groups.delete(group);
  }

  private connect(): void {
    const query = new URLSearchParams({ after: this.cursor, ...(this.batch ? { batch: "true" } : {}) });
    const source = new EventSource(`/api/experiments/${this.experiment}/events?${query}`);
    this.source = source;
    source.onopen = () => {
      this.pause = PAUSE;
      this.setConnection("open");
    };
    source.onerror = () => this.lose(source);
    this.listen(source, "state", (event: StateEvent) => this.takeState(event));
    this.listen(source, "epoch", (event: EpochEvent) => this.takeEpoch(event));
    this.listen(source, "reset", (event: ResetEvent) => this.takeReset(event));
    this.listen(source, "end", () => this.end());
  }

  private listen<Event>(source: EventSource, name: string, take: (event: Event) => void): void {
    source.addEventListener(name, (message: MessageEvent<string>) => {
      if (message.lastEventId !== "") this.cursor = message.lastEventId;
      take(JSON.parse(message.data) as Event);
    });
  }

  /** The browser connects anew by itself with the last event's id, unless the server refused. */
  private lose(source: EventSource): void {
    if (this.source !== source) return;
    this.setConnection("lost");
    if (source.readyState !== EventSource.CLOSED) return;
    this.source = null;
    void this.connectAgain();
  }

  /** A refusal does not say why: where the session is over, the stream waits for the next login. */
  private async connectAgain(): Promise<void> {
    const closings = this.closings;
    await askSession();
    await waitForLogin();
    if (closings !== this.closings) return;
    this.timer = window.setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  private end(): void {
    this.close();
    this.setConnection("ended");
    this.onEnd();
  }

  private setConnection(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    this.notify();
  }

  private takeState(event: StateEvent): void {
    this.state = event;
    for (const run of event.runs) this.runs.set(run.id, run);
    if (event.runs.length > 0) this.runsVersion++;
    this.notify();
  }

  private takeEpoch(event: EpochEvent): void {
    this.push({ kind: "epoch", event, rewinds: this.rewinds.get(event.job) ?? 0 });
    event.runs.forEach((id, index) => {
      const run = this.runs.get(id);
      if (run !== undefined) this.runs.set(id, advance(run, event, index));
    });
    for (const { run: id, by } of event.stopped) {
      const run = this.runs.get(id);
      if (run !== undefined) this.runs.set(id, { ...run, stopped_epoch: event.epoch, stopped_by: by });
    }
    this.runsVersion++;
  }

  private takeReset(event: ResetEvent): void {
    this.rewinds.set(event.job, event.rewinds);
    this.push({ kind: "reset", event, rewinds: event.rewinds });
    // Where some epochs stay, the state that follows says what the runs are now.
    for (const id of event.epoch === 0 ? event.runs : []) {
      const run = this.runs.get(id);
      if (run !== undefined) this.runs.set(id, { ...run, ...BEGINNING });
    }
    this.runsVersion++;
  }

  private push(entry: Entry): void {
    this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.splice(0, this.entries.length - KEPT);
    for (const group of this.groups) if (group.apply(entry)) group.notify();
  }

  private notify(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}

/** What a run knows of itself before its first epoch. */
const BEGINNING = { best: null, last: null, diverged_epoch: null, stopped_epoch: null, stopped_by: null };

/** A run's summary after one more epoch: best is the highest validation score, the earlier one on a tie. */
function advance(run: RunView, event: EpochEvent, index: number): RunView {
  const row = Object.fromEntries(
    Object.entries(event.metrics).map(([name, values]) => [name, values[index] ?? null]),
  );
  if (row.validation_score === null && row.train_loss === null) return run;
  const last = { ...row, epoch: event.epoch };
  const score = row.validation_score;
  const isBest =
    typeof score === "number" && score > Number(run.best?.validation_score ?? Number.NEGATIVE_INFINITY);
  return { ...run, last, best: isBest ? last : run.best };
}
