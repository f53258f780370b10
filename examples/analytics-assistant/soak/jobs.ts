import type { SoakJob } from './soak-run.ts';

/** What a run has to show. */
export type Expectation = 'flat' | 'leak' | 'emptied';

export interface PlannedRun {
  readonly job: SoakJob;
  readonly expectation: Expectation;
}

export interface SoakOptions {
  readonly isShort: boolean;
  /** Names of the runs; absent: all. */
  readonly only?: readonly string[];
  /** How long after the warm-up. Absent: ten minutes, or one, in all. */
  readonly seconds?: number;
}

const SEED = 2001;
/** Some 600 requests a second on a free core, of which a third is used: four of them fit on two cores. */
const PACE = { users: 48, thinkMs: 50, scale: 100 };
const MAX_ENTRIES = 2_500;

/** Heap of each process. The young generation is small, so that a minute has as many major collections as it needs. */
export const NODE_OPTIONS: readonly string[] = ['--max-old-space-size=256', '--max-semi-space-size=2'];

/** In a minute a leak of 0.1 MB in 1,000 requests is lost in what a heap goes up and down by: there the slow one is less slow. */
const LONG = { warmUpMs: 30_000, soakMs: 568_000, windowMs: 120_000, slowWindowMs: 240_000, slowMb: 0.1 };
const SHORT = { warmUpMs: 12_000, soakMs: 46_000, windowMs: 30_000, slowWindowMs: 40_000, slowMb: 0.5 };

/** The runs of the soak, each a process of its own, side by side. */
export function plannedRuns({ isShort, only, seconds }: SoakOptions): PlannedRun[] {
  const { slowMb, slowWindowMs, ...form } = isShort ? SHORT : LONG;
  const soakMs = seconds === undefined ? form.soakMs : seconds * 1_000;
  const common = { ...PACE, ...form, soakMs, seed: SEED, maxEntries: MAX_ENTRIES, leakMbPer1000: 0 };
  const runs: PlannedRun[] = [
    { job: { ...common, name: 'flat' }, expectation: 'flat' },
    { job: { ...common, name: 'fast leak', leakMbPer1000: 1 }, expectation: 'leak' },
    { job: { ...common, name: 'slow leak', leakMbPer1000: slowMb, windowMs: slowWindowMs }, expectation: 'leak' },
    // Twice a window, and full again in the meantime.
    { job: { ...common, name: 'emptied', emptyEveryMs: form.windowMs / 2 }, expectation: 'emptied' },
  ];
  return runs.filter(({ job }) => only === undefined || only.includes(job.name));
}
