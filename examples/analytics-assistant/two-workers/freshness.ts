import type { TwoWorkersRun } from './run.ts';
import { BOUND_MS } from './tuning.ts';
import type { Answered, Change } from './worker.ts';

/** Judges each answer of a run against the changes of the data. */
export class Freshness {
  readonly #run: TwoWorkersRun;
  readonly #changes: readonly Change[];

  constructor(run: TwoWorkersRun) {
    this.#run = run;
    this.#changes = run.workers[0].changes;
  }

  /** Worker A: whatever it asks after it has called `invalidateTags` must be of the new edition. No delay is allowed. */
  isOldInA({ startedAt, edition }: Answered): boolean {
    return this.#changes.some((change) => startedAt > change.calledAt && edition < change.edition);
  }

  /**
   * Worker B: `BOUND_MS` after the change. A change that Redis could not take counts as long as Redis is away, and again
   * from the moment Redis has it: in between Redis answers and does not know of it yet.
   */
  isOldInB({ startedAt, edition }: Answered): boolean {
    return this.#changes.some((change) => {
      if (!(edition < change.edition) || startedAt <= change.calledAt + BOUND_MS) return false;
      if (change.remote === 'done' || startedAt < this.#run.resumedAt) return true;
      return change.confirmedAt !== undefined && startedAt > change.confirmedAt + BOUND_MS;
    });
  }

  /** How long after a change this answer, made before it, was asked for. 0 for one that is up to date. */
  lagMs({ startedAt, edition }: Answered): number {
    const missed = this.#changes.filter((change) => startedAt > change.calledAt && edition < change.edition);
    return Math.max(0, ...missed.map((change) => startedAt - change.calledAt));
  }
}
