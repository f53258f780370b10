import type { Labels, Metadata, StageTime } from './exemplar.js';
import { heldLabels, labelText, plainLabels } from './labels.js';
import { addFacts, errorType } from './metadata.js';

/** How a request ended. */
export interface TimerEnd {
  /** What it failed with: counted under its code or name. */
  readonly error?: unknown;
  /** Answered from a cache or not: each is a population of its own, and can be read alone. */
  readonly cache?: 'hit' | 'miss';
  /** Labels that are known only now, beside those of the start. */
  readonly labels?: Labels;
}

/** The label `ended` of a request whose answer nobody has read: counted in a series of its own. */
export const ABANDONED = 'abandoned';

/** A request under way. Handles of one name never collide. */
export interface Timer {
  /** Begins a part of the request; the one before it ends. Labels: few values each. */
  stage(name: string, labels?: Labels): void;
  /** Facts that the slowest requests are shown with. Up to 20, texts cut at 200 characters. */
  annotate(metadata: Metadata): void;
  /** A piece of a streamed answer has come: the first counts as time to first chunk, later ones as time between chunks. */
  chunk(): void;
  /**
   * Ends the request and its last stage, and records both. Further calls change nothing. Answers its milliseconds.
   *
   * Never throws: an option that there is not is event `error` of the monitor, once for each timer.
   */
  end(result?: TimerEnd): number;
  /** The stages so far, for a `Server-Timing` header; the one under way up to now. */
  readonly stages: readonly StageTime[];
  /** Milliseconds up to now, or up to its end. */
  readonly elapsedMs: number;
}

/** A request that has ended, as it is recorded. */
export interface EndedTimer {
  readonly id: number;
  readonly name: string;
  readonly at: number;
  readonly ms: number;
  readonly labels: Labels | undefined;
  readonly stages: readonly StageTime[];
  readonly metadata: Metadata;
  readonly error?: string;
  readonly cache?: 'hit' | 'miss';
  readonly firstChunkMs?: number;
}

/** What runs the timers of a monitor. */
export interface TimerHost {
  now(): number;
  chunkCame(name: string, labels: Labels | undefined, ms: number, isFirst: boolean): void;
  /** A stage for which the request has no more room. The others come with its end. */
  stageEnded(name: string, labels: Labels | undefined, stage: StageTime): void;
  ended(timer: EndedTimer): void;
  /** Reports what no request can end with. Never throws. */
  checkEnd(name: string, end: TimerEnd): void;
}

/** Stages of one request that are kept. Later ones are counted in their series, and not shown with the request. */
const MOST_STAGES = 50;
const NO_METADATA: Metadata = Object.freeze({});
const NO_STAGES: readonly StageTime[] = Object.freeze([]);

export class RunningTimer implements Timer {
  readonly #host: TimerHost;
  readonly #id: number;
  readonly #name: string;
  readonly #labels: Labels | undefined;
  readonly #at: number;
  #stages: StageTime[] | undefined;
  #open: Omit<StageTime, 'ms'> | undefined;
  #metadata: Record<string, unknown> | undefined;
  #firstChunkMs: number | undefined;
  #lastChunkMs = 0;
  #endedMs = -1;

  constructor(host: TimerHost, id: number, name: string, labels: Labels | undefined, at: number) {
    this.#host = host;
    this.#id = id;
    this.#name = name;
    this.#labels = labels;
    this.#at = at;
  }

  stage(name: string, labels?: Labels): void {
    if (this.#endedMs >= 0) return;
    const startMs = this.elapsedMs;
    this.#closeStage(startMs);
    const text = labelText(name);
    const own = labels === undefined ? undefined : plainLabels(heldLabels(labels));
    this.#open = own === undefined ? { name: text, startMs } : { name: text, startMs, labels: own };
  }

  annotate(metadata: Metadata): void {
    if (this.#endedMs >= 0 || typeof metadata !== 'object' || metadata === null) return;
    this.#metadata ??= {};
    addFacts(this.#metadata, metadata);
  }

  chunk(): void {
    if (this.#endedMs >= 0) return;
    const ms = this.elapsedMs;
    const isFirst = this.#firstChunkMs === undefined;
    this.#host.chunkCame(this.#name, this.#labels, ms - this.#lastChunkMs, isFirst);
    if (isFirst) this.#firstChunkMs = ms;
    this.#lastChunkMs = ms;
  }

  end(result?: TimerEnd): number {
    if (this.#endedMs >= 0) return this.#endedMs;
    const ms = this.elapsedMs;
    this.#closeStage(ms);
    this.#endedMs = ms;
    const error = result?.error;
    const cache = result?.cache;
    this.#host.ended({
      id: this.#id,
      name: this.#name,
      at: this.#at,
      ms,
      labels: result?.labels === undefined ? this.#labels : { ...this.#labels, ...heldLabels(result.labels) },
      stages: this.#stages ?? NO_STAGES,
      metadata: this.#metadata ?? NO_METADATA,
      ...(error !== undefined && error !== null && { error: errorType(error) }),
      ...((cache === 'hit' || cache === 'miss') && { cache }),
      ...(this.#firstChunkMs !== undefined && { firstChunkMs: this.#firstChunkMs }),
    });
    if (result !== undefined && result !== null) this.#host.checkEnd(this.#name, result);
    return ms;
  }

  get stages(): readonly StageTime[] {
    const ended = this.#stages ?? NO_STAGES;
    return this.#open === undefined ? [...ended] : [...ended, endedStage(this.#open, this.elapsedMs)];
  }

  get elapsedMs(): number {
    return this.#endedMs >= 0 ? this.#endedMs : Math.max(0, this.#host.now() - this.#at);
  }

  #closeStage(nowMs: number): void {
    if (!this.#open) return;
    this.#stages ??= [];
    const stage = endedStage(this.#open, nowMs);
    if (this.#stages.length < MOST_STAGES) this.#stages.push(stage);
    else this.#host.stageEnded(this.#name, this.#labels, stage);
    this.#open = undefined;
  }
}

function endedStage({ name, startMs, labels }: Omit<StageTime, 'ms'>, nowMs: number): StageTime {
  const ms = nowMs - startMs;
  return labels === undefined ? { name, startMs, ms } : { name, startMs, ms, labels };
}

/** What a monitor that is off hands out: one for all, does nothing. */
export const NO_TIMER: Timer = Object.freeze({
  stage() {},
  annotate() {},
  chunk() {},
  end: () => 0,
  stages: NO_STAGES,
  elapsedMs: 0,
});
