import type { Schedule } from './two-workers/run.ts';

export interface Settings {
  /** People asking at the same time: each asks again as soon as the last answer is there. */
  readonly users: number;
  /** Model latencies are divided by this while the demo runs, and counted in full in the figures. */
  readonly scale: number;
  readonly seed: number;
  readonly requests: number;
  readonly uniqueRequests: number;
  /** Of the stream, for each module alone. */
  readonly aloneRequests: number;
}

const SHORT_REQUESTS = 120;
const FULL_REQUESTS = 600;

/** The settings of this run. `--short` or HOTPATH_DEMO_REQUESTS make it smaller; the figures to quote are those of the full run. */
export function settings(): Settings {
  const requests = Number(
    process.env['HOTPATH_DEMO_REQUESTS'] ?? (process.argv.includes('--short') ? SHORT_REQUESTS : FULL_REQUESTS),
  );
  if (!Number.isInteger(requests) || requests < 20) {
    throw new Error(
      `HOTPATH_DEMO_REQUESTS must be a whole number of at least 20, not '${process.env['HOTPATH_DEMO_REQUESTS']}'.`,
    );
  }
  return {
    users: 8,
    scale: 15,
    seed: 2001,
    requests,
    uniqueRequests: Math.min(1_000, Math.ceil(requests / 6)),
    aloneRequests: Math.ceil(requests / 5),
  };
}

/** The settings of the run with two workers (`--redis`). */
export interface TwoWorkersSettings {
  /** Of both workers together. */
  readonly users: number;
  readonly thinkMs: number;
  readonly scale: number;
  readonly seed: number;
  /** Every so manieth of the three million flights. */
  readonly every: number;
  readonly schedule: Schedule;
  /** Also without Redis, but with both workers told of each change. */
  readonly withTold: boolean;
}

/** Fewer flights and a model less sped up than in the columns: what this run shows is the cache, at the pace it is measured at. */
export function twoWorkersSettings(): TwoWorkersSettings {
  const isShort = process.argv.includes('--short');
  return {
    users: 24,
    thinkMs: 100,
    scale: 5,
    seed: 2001,
    every: 100,
    withTold: !isShort,
    schedule: isShort
      ? { beforeMs: 2_000, stoppedMs: 3_000, afterMs: 2_000, changeEveryMs: 1_500 }
      : { beforeMs: 8_000, stoppedMs: 6_000, afterMs: 8_000, changeEveryMs: 3_000 },
  };
}
