export interface Settings {
  /** People asking at the same time: each asks again as soon as the last answer is there. */
  readonly users: number;
  /** Model latencies are divided by this while the demo runs, and counted in full in the figures. */
  readonly scale: number;
  readonly seed: number;
  readonly requests: number;
  readonly uniqueRequests: number;
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
  return { users: 8, scale: 15, seed: 2001, requests, uniqueRequests: Math.min(1_000, Math.ceil(requests / 6)) };
}
