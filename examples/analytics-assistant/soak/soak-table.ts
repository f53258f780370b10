import { count, percent, type Table } from '../report/tables.ts';
import type { PlannedRun } from './jobs.ts';
import type { SoakResult } from './soak-run.ts';

/** A run that has come to its end. */
export interface EndedRun extends PlannedRun {
  readonly result: SoakResult;
  readonly failures: readonly string[];
}

/** A column for each run, with the rows that say something of it. */
export function soakTable(runs: readonly EndedRun[]): Table {
  const row = (label: string, cell: (run: EndedRun) => string) => {
    return { label, target: '', cells: runs.map(cell), met: '' as const };
  };
  const leak = (of: (leak: SoakResult['leaks'][number], run: EndedRun) => string) => (run: EndedRun) => {
    const [first] = run.result.leaks;
    return first === undefined ? '-' : of(first, run);
  };
  return {
    title: 'Soak: the traffic of the demo, caches at their bound',
    columns: runs.map(({ job }) => job.name),
    rows: [
      row('After the warm-up', ({ result }) => `${result.seconds.toFixed(0)} s`),
      row('Requests', ({ result }) => count(result.requests)),
      row('  a second', ({ result }) => (result.requests / result.seconds).toFixed(0)),
      row('  failed', ({ result }) => count(result.errors)),
      row('Cache entries', ({ result }) => count(result.entries)),
      row('  estimated', ({ result }) => mb(result.cacheMb)),
      row('  evicted', ({ result }) => count(result.evictions)),
      row('  hit rate', ({ result }) => percent(result.hitRate)),
      row('  emptied, times', ({ result }) => count(result.emptied)),
      row('Major collections, none asked for', ({ result }) => count(result.points.length)),
      row('Alive after them, first quarter', ({ result }) => mb(result.firstMb)),
      row('  last quarter', ({ result }) => mb(result.lastMb)),
      row('  growth', ({ result }) => percent(result.growth)),
      row('Alive after a collection on purpose', ({ result }) => mb(result.collectedMb)),
      row('Kept on purpose', ({ result }) => mb(result.keptMb)),
      row('  in 1,000 requests', ({ job }) => `${job.leakMbPer1000} MB`),
      row('Window of the leak watch', ({ job }) => `${(job.windowMs / 1_000).toFixed(0)} s`),
      row('Leaks reported', ({ result }) => count(result.leaks.length)),
      row(
        '  after',
        leak(({ afterMs }) => `${(afterMs / 1_000).toFixed(1)} s`),
      ),
      row(
        '  growth said',
        leak(({ mbPerMinute }) => `${mb(mbPerMinute)}/min`),
      ),
      row(
        '    between',
        leak((l) => `${l.lowestMbPerMinute.toFixed(1)} and ${mb(l.highestMbPerMinute)}/min`),
      ),
      row(
        '  growth in truth',
        leak(({ keptMbPerMinute }) => `${mb(keptMbPerMinute)}/min`),
      ),
      row('  place, among those its profile names', ({ result: { suspects } }) => {
        // V8 names the caller of what it has inlined.
        const isPlanted = ({ name, place }: { name: string; place: string }): boolean =>
          place.includes('planted-leak') || (name === '#user' && place.includes('soak/worker'));
        const place = suspects.findIndex(isPlanted) + 1;
        if (suspects.length === 0) return '-';
        return place === 0 ? `none of ${suspects.length}` : `${place} of ${suspects.length}`;
      }),
      row(
        'Level changes / trims / collections asked for',
        ({ result: r }) => `${r.levelChanges} / ${r.trims} / ${r.collectionsOnPurpose}`,
      ),
      row('Highest use of memory, of its limit', ({ result }) => percent(result.peakFraction)),
      row('  heap of its limit', ({ result: r }) => `${r.peakHeapMb.toFixed(0)} of ${mb(r.heapLimitMb, 0)}`),
      row('  resident', ({ result }) => mb(result.peakRssMb, 0)),
      row('Passed', ({ failures }) => (failures.length === 0 ? 'yes' : 'NO')),
    ],
  };
}

function mb(value: number, digits = 1): string {
  return `${value.toFixed(digits)} MB`;
}
