import type { MemoryLevel } from './memory-level.js';
import type { MemoryReading } from './memory-usage.js';
import { heapDemandBytes, inUseBytes } from './pressure.js';

/** What is known beside the reading. */
export interface ReliefFacts {
  readonly level: MemoryLevel;
  /** Share of the limit to come back to. */
  readonly target: number;
  /** Share of the limit below which a critical level is ending, and nothing more is emptied for it. */
  readonly criticalEnd: number;
  /** Freed by what is registered since the last major collection: garbage by now, still counted as in use. */
  readonly pendingBytes: number;
}

/**
 * How much is to be given back. `calm`: nothing. `pending`: enough was freed, and waits for the collector. `pressed`: so many bytes. `critical`: all there
 * is.
 */
export type Relief =
  | { readonly kind: 'calm' | 'pending' | 'critical' }
  | { readonly kind: 'pressed'; readonly bytes: number };

/**
 * Decides what is to be given back, so that nothing is asked for twice: what was freed and awaits the collector does not press, and neither
 * does what the heap holds free. Without that, resident memory, which falls late or never, would have caches emptied step by step.
 */
export function reliefNeeded(reading: MemoryReading, facts: ReliefFacts): Relief {
  const { level, target, criticalEnd, pendingBytes } = facts;
  if (level !== 'high' && level !== 'critical') return { kind: 'calm' };
  if (level === 'critical' && overBy(reading, criticalEnd) > pendingBytes) return { kind: 'critical' };
  const over = overBy(reading, target);
  if (over <= 0) return { kind: 'calm' };
  return over > pendingBytes ? { kind: 'pressed', bytes: over - pendingBytes } : { kind: 'pending' };
}

/** The share of the limit that is come back to after `high`: low enough that `elevated` ends too. */
export function reliefTarget(elevated: number, hysteresis: number): number {
  return Math.max(elevated / 2, elevated - 2 * hysteresis);
}

/** Bytes that heap or process, whichever is worse, have in use beyond a share of their limit. */
function overBy(reading: MemoryReading, share: number): number {
  const heapOver = heapDemandBytes(reading) - share * reading.heapLimitBytes;
  const processOver = processDemand(reading) - share * reading.limitBytes;
  return Math.max(heapOver, processOver);
}

/** What the process has in use, without what its heap, and the allocator of its buffers, hold free. */
function processDemand(reading: MemoryReading): number {
  const { heapCommittedBytes, heapUsedBytes, freedBufferBytes = 0, externalBytes } = reading;
  const free = Math.max(0, heapCommittedBytes - heapUsedBytes);
  return Math.max(inUseBytes(reading) - free - freedBufferBytes, externalBytes);
}
