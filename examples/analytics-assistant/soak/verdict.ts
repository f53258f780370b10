import type { PlannedRun } from './jobs.ts';
import type { SoakResult } from './soak-run.ts';

/** Of the success metrics of the strategy document (ADR-004). */
export const MOST_GROWTH = 0.1;
/** Fewer points would say little. */
const LEAST_MAJORS = 20;
/** Right order of magnitude: reported and true growth differ by no more than this factor. */
const MOST_OFF = 2;
/** Points of natural collections and a heap that was collected on purpose may differ by this share. */
const MOST_APART = 0.1;

/** What a run did not show as it should have. Empty: it passed. */
export function failuresOf({ job, expectation }: PlannedRun, result: SoakResult): string[] {
  const failures: string[] = [];
  const expect = (holds: boolean, otherwise: string): void => {
    if (!holds) failures.push(otherwise);
  };
  expect(result.errors === 0, `${result.errors} requests failed, the first with ${result.firstError}`);
  expect(result.requests > 0 && result.evictions > 0, 'nothing was evicted: the cache was not at its bound');
  // The profile of a leak collects at its end.
  const allowed = expectation === 'leak' ? result.leaks.length : 0;
  const acts = result.levelChanges + result.trims + Math.max(0, result.collectionsOnPurpose - allowed) + result.refused;
  expect(acts === 0, 'the memory manager acted, with memory far below its limits');
  expect(result.troubles === 0, `${result.troubles} errors of the memory manager`);

  const [first] = result.leaks;
  if (expectation === 'leak') {
    if (first === undefined) failures.push('the leak was not reported');
    else {
      expect(first.what === 'heap', `the leak was said to be in ${first.what}`);
      expect(first.afterMs > 0, 'a leak was reported before there was one');
      const late = `reported after ${seconds(first.afterMs)}, later than its window of ${seconds(job.windowMs)}`;
      expect(first.afterMs <= job.windowMs, late);
      const times = first.mbPerMinute / first.keptMbPerMinute;
      expect(
        times >= 1 / MOST_OFF && times <= MOST_OFF,
        `the growth reported is ${times.toFixed(2)} times the true one`,
      );
    }
    return failures;
  }

  expect(
    first === undefined,
    `a leak was reported, ${seconds(first?.afterMs ?? 0)} after the warm-up, where there is none`,
  );
  expect(
    result.points.length >= LEAST_MAJORS,
    `only ${result.points.length} major collections, of ${LEAST_MAJORS} that it takes`,
  );
  if (expectation === 'emptied') {
    expect(result.emptied >= 2, 'the cache was not emptied twice');
    return failures;
  }
  expect(result.entries >= 0.99 * job.maxEntries, `the cache held ${result.entries} of ${job.maxEntries} entries`);
  expect(result.growth < MOST_GROWTH, `the heap grew by ${(result.growth * 100).toFixed(1)} %`);
  const apart = result.collectedMb / result.lastMb - 1;
  expect(Math.abs(apart) < MOST_APART, `a collection on purpose leaves ${(apart * 100).toFixed(1)} % more or less`);
  return failures;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
