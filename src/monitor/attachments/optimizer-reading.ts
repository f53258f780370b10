import type { AttachmentReading } from './attachment-reading.js';
import { checkFigures, otherNumbers, texts } from './figures.js';

/** What the figures of an optimizer say; nothing of one that keeps none. */
export function optimizerReading(name: string, stats: unknown, mode: unknown): AttachmentReading {
  return {
    name,
    kind: 'optimizer',
    counters: {},
    gauges: stats === undefined ? {} : otherNumbers(checkFigures(stats, 'stats()'), []),
    reasons: {},
    states: texts({ mode }, ['mode']),
  };
}
