import type { CancelTimer, Clock } from '../core/clock.js';
import type { Progress } from './progress.js';
import { RecentTimes } from './recent-times.js';

/** Between two reports, except for the last. */
const INTERVAL_MS = 250;
/** "Lately" is this long, and as many items, whichever reaches further back. */
const RATE_MS = 10_000;
const RATE_ITEMS = 20;

/** What a {@link ProgressMeter} stands on. */
export interface ProgressMeterOptions {
  readonly onProgress: (progress: Progress) => void;
  readonly clock: Clock;
  /** How many items there are, those done in a run before included. */
  readonly total: number | undefined;
  /** Told of what `onProgress` fails with, also of its promise. The work goes on. */
  readonly trouble: (error: unknown) => void;
}

/**
 * Counts what a batch or stream has come to, and reports it at most four times a second and once at the end. An item costs two
 * additions: the time is read, and percentiles are worked out, only for a report.
 */
export class ProgressMeter {
  readonly #onProgress: (progress: Progress) => unknown;
  readonly #clock: Clock;
  readonly #total: number | undefined;
  readonly #trouble: (error: unknown) => void;
  readonly #times = new RecentTimes();
  readonly #began: number;
  /** How far it was at the last reports, oldest first: the first is where the rate is counted from. */
  readonly #marks: { at: number; done: number }[] = [];
  #done = 0;
  #failed = 0;
  #resumed = 0;
  #isFinished = false;
  #cancel: CancelTimer | undefined;
  readonly #onTimer = (): void => {
    this.#cancel = undefined;
    this.#report();
  };

  constructor({ onProgress, clock, total, trouble }: ProgressMeterOptions) {
    this.#onProgress = onProgress;
    this.#clock = clock;
    this.#total = total;
    this.#trouble = trouble;
    this.#began = clock.now();
    this.#marks.push({ at: this.#began, done: 0 });
  }

  /** An item has come to its end. `runMs`: how long its function ran; 0 where it never did, which says nothing of the others. */
  settled(ok: boolean, runMs: number): void {
    this.#done++;
    if (!ok) this.#failed++;
    if (runMs > 0) this.#times.record(runMs);
    this.#changed();
  }

  /** So many items more were done in a run before. */
  resumed(items: number): void {
    this.#resumed += items;
    if (items > 0) this.#changed();
  }

  /** The last report, at once. Nothing is reported after it. */
  finish(): void {
    if (this.#isFinished) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#report();
    this.#isFinished = true;
  }

  #changed(): void {
    if (this.#cancel === undefined && !this.#isFinished)
      this.#cancel = this.#clock.setTimer(this.#onTimer, INTERVAL_MS);
  }

  #report(): void {
    try {
      const answer = this.#onProgress(this.#progress());
      if (answer instanceof Promise) answer.catch(this.#trouble);
    } catch (error) {
      this.#trouble(error);
    }
  }

  #progress(): Progress {
    const now = this.#clock.now();
    const ratePerSecond = this.#rate(now);
    const left = this.#total === undefined ? undefined : Math.max(0, this.#total - this.#done - this.#resumed);
    return {
      done: this.#done,
      failed: this.#failed,
      resumed: this.#resumed,
      total: this.#total,
      ratePerSecond,
      etaMs:
        left === undefined || (left > 0 && ratePerSecond === 0)
          ? undefined
          : left === 0
            ? 0
            : (left / ratePerSecond) * 1_000,
      p95Ms: this.#times.p95(),
      elapsedMs: now - this.#began,
    };
  }

  #rate(now: number): number {
    const marks = this.#marks;
    // The second of them reaching far enough back, the first is not needed any more.
    while (marks.length > 1 && now - marks[1]!.at >= RATE_MS && this.#done - marks[1]!.done >= RATE_ITEMS)
      marks.shift();
    const { at, done } = marks[0]!;
    marks.push({ at: now, done: this.#done });
    return now > at ? ((this.#done - done) / (now - at)) * 1_000 : 0;
  }
}
