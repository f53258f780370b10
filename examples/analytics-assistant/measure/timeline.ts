import type { Attempt, Steps } from '../assistant/ask.ts';

/** What a call to the model or the database reports about itself while it runs. */
export interface CallReport {
  /** Time of the simulated model, before scaling: what the wait stands for. 0 for the database, which is real. */
  simulatedMs: number;
  /** Time spent waiting for the one database connection. */
  queuedMs: number;
}

interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
  /** How long this call would have taken with an unscaled model. */
  readonly unscaledMs: number;
}

/** What one request cost. */
export interface Trace {
  /** Response time with an unscaled model. */
  ms: number;
  /** The part of it spent neither in the model nor in the database: pipeline, keys, cache. */
  ownMs: number;
  modelCalls: number;
  sqlRuns: number;
  /** Steps in which this request waited for the same call of another request. */
  joined: number;
}

type StepName = keyof Steps;

/** What holds a call back does so with a timer, which takes a millisecond at least. What is shorter is code that runs. */
const LEAST_WAIT_MS = 1;

/**
 * Turns what was measured in a world with a fast model into the times of the world it stands for. Of each real call it knows
 * when it ran and what it stands for; of each step it sees how much of the wait was spent inside such a call:
 * nothing (a hit: counted as measured), all of it (its own call) or the rest of it (another request's call, joined half-way).
 */
export class Timeline {
  readonly #scale: number;
  readonly #latest = new Map<string, Span>();
  /** Calls whose request is not known yet: the first step that ends after a call is the one that made it. */
  readonly #unclaimed = new Map<string, number>();
  sqlRuns = 0;
  sqlMs = 0;

  constructor(scale: number) {
    this.#scale = scale;
  }

  /**
   * Runs one real call and remembers it: since it was asked for, where that was longer ago. A first attempt is held back for
   * the model's sake, by a pause that is as scaled as the model is. What comes before a later attempt the model server counts itself.
   */
  async call<T>(
    step: StepName,
    args: readonly unknown[],
    run: (report: CallReport) => Promise<T>,
    attempt?: Pick<Attempt, 'number' | 'askedAt'>,
  ): Promise<T> {
    const report: CallReport = { simulatedMs: 0, queuedMs: 0 };
    const now = performance.now();
    const startedAt = attempt && now - attempt.askedAt >= LEAST_WAIT_MS ? attempt.askedAt : now;
    const heldBackMs = attempt?.number === 1 ? now - startedAt : 0;
    const value = await run(report);
    const endedAt = performance.now();
    // Queueing for the database is left out: it comes of the scaled-down model, which lets requests arrive too fast.
    const realMs = endedAt - startedAt - report.queuedMs;
    const simulatedMs = report.simulatedMs + heldBackMs * this.#scale;
    const unscaledMs = realMs - simulatedMs / this.#scale + simulatedMs;
    const key = keyOf(step, args);
    this.#latest.set(key, { startedAt, endedAt, unscaledMs });
    this.#unclaimed.set(key, (this.#unclaimed.get(key) ?? 0) + 1);
    if (step === 'runSql') {
      this.sqlRuns += 1;
      this.sqlMs += realMs;
    }
    return value;
  }

  /** Runs one request on these steps and says what it cost. */
  async request(steps: Steps, run: (metered: Steps) => Promise<string>): Promise<{ answer: string; trace: Trace }> {
    const trace: Trace = { ms: 0, ownMs: 0, modelCalls: 0, sqlRuns: 0, joined: 0 };
    let insideMs = 0;
    let unscaledMs = 0;
    const metered = <Args extends unknown[], T>(step: StepName, original: (...args: Args) => Promise<T>) => {
      return async (...args: Args): Promise<T> => {
        const from = performance.now();
        const value = await original(...args);
        const key = keyOf(step, args);
        const span = this.#latest.get(key);
        if (span !== undefined && span.endedAt > from) {
          const inside = span.endedAt - Math.max(from, span.startedAt);
          insideMs += inside;
          unscaledMs += (inside / (span.endedAt - span.startedAt)) * span.unscaledMs;
          const unclaimed = this.#unclaimed.get(key) ?? 0;
          this.#unclaimed.set(key, Math.max(0, unclaimed - 1));
          if (unclaimed === 0) trace.joined += 1;
          else if (step === 'runSql') trace.sqlRuns += 1;
          else trace.modelCalls += 1;
        }
        return value;
      };
    };
    const startedAt = performance.now();
    const answer = await run({
      writeSql: metered('writeSql', steps.writeSql),
      runSql: metered('runSql', steps.runSql),
      writeAnswer: metered('writeAnswer', steps.writeAnswer),
    });
    trace.ownMs = performance.now() - startedAt - insideMs;
    trace.ms = trace.ownMs + unscaledMs;
    return { answer, trace };
  }
}

function keyOf(step: StepName, args: readonly unknown[]): string {
  return `${step} ${JSON.stringify(args)}`;
}
