import type { AttachmentReading } from './attachment-reading.js';
import { checkFigures, numbers, otherNumbers, texts } from './figures.js';

const GAUGES = ['fraction', 'rssMb', 'heapUsedMb', 'heapLimitMb', 'externalMb', 'limitMb', 'availableMb'];

/** What a memory manager's look at memory says. All of it may fall, so there are no counters. */
export function memoryReading(name: string, usage: unknown, mode: unknown): AttachmentReading {
  const figures = checkFigures(usage, 'checkMemoryUsage()');
  return {
    name,
    kind: 'memory',
    counters: {},
    gauges: { ...otherNumbers(figures, GAUGES), ...numbers(figures, GAUGES) },
    reasons: {},
    states: { ...texts({ mode }, ['mode']), ...texts(figures, ['level', 'limitSource']) },
  };
}
