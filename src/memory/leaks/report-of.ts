import { memoryLimit, workingSet } from '../../core/resource-limits.js';
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

/** Bytes that may be added before the limit of the process is reached, or that of the heap. It reads memory and limits: some tenths of a millisecond. */
export function bytesLeft(what: LeakKind, { reader, maxBytes }: ReportSources): number {
  const limit = memoryLimit(reader.limits, maxBytes);
  // The kernel counts what the whole control group has in use.
  const inUse = Math.max(reader.rss(), workingSet(reader.limits, limit) ?? 0);
  const left = Math.max(0, limit.bytes - inUse);
  return what === 'heap' ? Math.min(left, Math.max(0, reader.heap().limitBytes - liveBytes(what, reader))) : left;
}

/** Of the heap without its young generation, or of what its objects hold outside of it. */
export function liveBytes(what: LeakKind, reader: MemoryReader): number {
  return what === 'heap' ? reader.oldGenerationBytes() : reader.heap().externalBytes;
}

/** The report of a trend. It reads memory and limits, as {@link bytesLeft} does. */
export function reportOf(what: LeakKind, trend: SeriesTrend, sources: ReportSources): LeakReport {
  const perMinute = (slope: number): number => (slope * MINUTE) / MB;
  return {
    what,
    mbPerMinute: perMinute(trend.slope),
    lowestMbPerMinute: perMinute(trend.lowest),
    highestMbPerMinute: perMinute(trend.highest),
    confidence: trend.confidence,
    growth: trend.growth,
    liveMb: liveBytes(what, sources.reader) / MB,
    msToLimit: bytesLeft(what, sources) / trend.slope,
    points: trend.collections,
    windowMs: trend.spanMs,
  };
}
