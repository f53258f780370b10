import type { AttachmentReading } from './attachment-reading.js';
import { checkFigures, numbers, otherNumbers, texts, totals } from './figures.js';

const COUNTERS = ['completed', 'failed', 'retried', 'timedOut', 'dropped', 'abandoned', 'rateLimitedMs'];
/** An unbounded `limit` is no number and left out. */
const GAUGES = ['active', 'queued', 'limit', 'coolDownMs', 'p95Ms'];

/** What the figures of a processor of asynchronous work say. */
export function processorReading(name: string, stats: unknown, mode: unknown): AttachmentReading {
  const figures = checkFigures(stats, 'stats()');
  return {
    name,
    kind: 'processor',
    counters: totals(figures, COUNTERS),
    gauges: { ...otherNumbers(figures, [...COUNTERS, ...GAUGES]), ...numbers(figures, GAUGES) },
    reasons: {},
    states: { ...texts({ mode }, ['mode']), ...texts(figures, ['breaker']) },
  };
}
