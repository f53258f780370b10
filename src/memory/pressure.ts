import type { MemorySignal } from './memory-level.js';
import { MB, type MemoryReading } from './memory-usage.js';

/** How hard memory presses on the nearest of its limits. */
export interface Pressure {
  readonly signal: MemorySignal;
  /** Of that limit, 0 to 1 and above. */
  readonly fraction: number;
  /** What presses, in bytes, and on what. */
  readonly usedBytes: number;
  readonly limitBytes: number;
}

const NEARLY_FULL = 0.95;

/** What of the process's limit is taken: by the process, or by all of its control group, whichever is more. */
export function inUseBytes({ rssBytes, workingSetBytes = 0 }: MemoryReading): number {
  return Math.max(rssBytes, workingSetBytes);
}

/**
 * What of the heap presses on its limit. V8 lets the heap grow half the way from what was alive to the limit before it collects again, so a
 * heap that is 80 % full may be healthy: up to there only what was alive after the last major collection counts, and what is
 * beyond on top of it. While no collection was seen all counts that is in use.
 *
 * Source: the bound of the allocation limit in V8's heap-controller.cc.
 */
export function heapDemandBytes({ heapUsedBytes, heapLiveBytes, heapLimitBytes }: MemoryReading): number {
  if (heapLiveBytes === undefined || heapLiveBytes >= heapUsedBytes) return heapUsedBytes;
  // Beyond this there is no time to be told of a collection.
  if (heapUsedBytes >= NEARLY_FULL * heapLimitBytes) return heapUsedBytes;
  const room = Math.max(0, (heapLimitBytes - heapLiveBytes) / 2);
  return Math.max(heapLiveBytes, heapUsedBytes - room);
}

/**
 * The signal that is nearest to its limit. The heap is held against V8's limit; resident memory, and what buffers hold, against that of the
 * process. Resident memory that is mostly buffers is called `external`: that is where to look.
 */
export function pressureOf(reading: MemoryReading): Pressure {
  const { heapLimitBytes, externalBytes, limitBytes } = reading;
  const heapBytes = heapDemandBytes(reading);
  const inUse = inUseBytes(reading);
  const isBuffers = externalBytes > inUse / 2;
  // Buffers that nobody has written to yet are not resident, and will be.
  const usedBytes = Math.max(inUse, externalBytes);
  const heap = share(heapBytes, heapLimitBytes);
  const process = share(usedBytes, limitBytes);
  return heap >= process
    ? { signal: 'heap', fraction: heap, usedBytes: heapBytes, limitBytes: heapLimitBytes }
    : { signal: isBuffers ? 'external' : 'rss', fraction: process, usedBytes, limitBytes };
}

/** Mb that the process may still take before it reaches one of its limits, garbage counted as taken. */
export function availableMb(reading: MemoryReading): number {
  const { heapUsedBytes, heapLimitBytes, limitBytes } = reading;
  const lefts = [heapLimitBytes - heapUsedBytes, limitBytes - inUseBytes(reading)];
  // A limit that is not known leaves the other one.
  const left = Math.min(...lefts.filter((each) => !Number.isNaN(each)));
  return Number.isFinite(left) && left > 0 ? left / MB : 0;
}

function share(part: number, whole: number): number {
  return whole > 0 && part > 0 ? part / whole : 0;
}
