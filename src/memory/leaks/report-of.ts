import { memoryLimit } from '../../core/resource-limits.js';
import type { MemoryReader } from '../memory-reader.js';
import { MB } from '../memory-usage.js';
import type { LeakKind, LeakReport } from './leak-report.js';
import type { SeriesTrend } from './leak-verdict.js';

/** Where the figures come from that a trend alone does not tell. */
export interface ReportSources {
  readonly reader: MemoryReader;
  readonly maxBytes?: number | undefined;
}

const MINUTE = 60_000;

/** The report of a trend. It reads memory and limits: some tenths of a millisecond. */
export function reportOf(what: LeakKind, trend: SeriesTrend, { reader, maxBytes }: ReportSources): LeakReport {
  const perMinute = (slope: number): number => (slope * MINUTE) / MB;
  const heap = reader.heap();
  const live = what === 'heap' ? reader.oldGenerationBytes() : heap.externalBytes;
  const left = memoryLimit(reader.limits, maxBytes).bytes - reader.rss();
  const leftHere = what === 'heap' ? Math.min(left, heap.limitBytes - live) : left;
  return {
    what,
    mbPerMinute: perMinute(trend.slope),
    lowestMbPerMinute: perMinute(trend.lowest),
    highestMbPerMinute: perMinute(trend.highest),
    confidence: trend.confidence,
    growth: trend.growth,
    liveMb: live / MB,
    msToLimit: Math.max(0, leftHere) / trend.slope,
    points: trend.collections,
    windowMs: trend.spanMs,
  };
}
