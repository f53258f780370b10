import type { AttachmentReading } from './attachment-reading.js';
import { checkFigures, numbers, otherNumbers, texts, totals } from './figures.js';

const USE = ['fraction', 'rssMb', 'heapUsedMb', 'heapLimitMb', 'externalMb', 'limitMb', 'availableMb'];
const COUNTERS = [
  ...['trims', 'freedBytes', 'forcedCollections', 'forcedCollectionMs', 'refused', 'leaks', 'admitted', 'levelChanges'],
  ...['majorCollections', 'majorCollectionMs', 'looks'],
];

/** What a memory manager's look at memory says, all of which may fall, and what it has done so far, where it keeps figures of that. */
export function memoryReading(name: string, usage: unknown, stats: unknown, mode: unknown): AttachmentReading {
  const figures = checkFigures(usage, 'checkMemoryUsage()');
  const done = stats === undefined ? {} : checkFigures(stats, 'stats()');
  return {
    name,
    kind: 'memory',
    counters: totals(done, COUNTERS),
    gauges: {
      ...numbers(figures, USE),
      ...otherNumbers(figures, USE),
      ...otherNumbers(done, [...COUNTERS, ...USE]),
    },
    reasons: {},
    states: { ...texts({ mode }, ['mode']), ...texts(figures, ['level', 'signal', 'limitSource']) },
  };
}
