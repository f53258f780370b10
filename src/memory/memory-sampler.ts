import type { Clock } from '../core/clock.js';
import { type MemoryLimit, memoryLimit, workingSet } from '../core/resource-limits.js';
import type { HeapFigures, MemoryReader } from './memory-reader.js';
import type { MemoryReading } from './memory-usage.js';

const LIMITS_MS = 60_000;

/** What the system was asked for, and how the heap stood then. */
interface Resident {
  readonly at: number;
  readonly rssBytes: number;
  readonly workingSetBytes: number | undefined;
  readonly heap: HeapFigures;
}

/** What a {@link MemorySampler} works with. */
export interface SamplerParts {
  readonly reader: MemoryReader;
  readonly clock: Clock;
  /** Memory that the process may take, where the host says so. */
  readonly maxBytes: number | undefined;
  onTrouble(error: unknown, during: string): void;
}

/**
 * Looks at memory. The heap is read each time; resident memory, which the system has to be asked for, only when what is known is older than
 * wanted. Between two readings it is taken to have grown by what the heap and buffers have. Limits are read once a minute.
 */
export class MemorySampler {
  readonly #parts: SamplerParts;
  #resident: Resident | undefined;
  #limit: { readonly at: number; readonly limit: MemoryLimit } | undefined;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
  }

  /** @param residentMs - how old the figure of resident memory may be */
  sample(residentMs: number): MemoryReading {
    const { clock, reader } = this.#parts;
    const now = clock.now();
    const limit = this.#readLimit(now);
    const heap = reader.heap();
    const { rssBytes, workingSetBytes } = this.#readResident(now, limit, heap, residentMs);
    return {
      at: now,
      heapUsedBytes: heap.usedBytes,
      heapCommittedBytes: heap.committedBytes,
      heapLimitBytes: heap.limitBytes,
      externalBytes: heap.externalBytes,
      rssBytes,
      ...(workingSetBytes !== undefined && { workingSetBytes }),
      limitBytes: limit.bytes,
      limitSource: limit.source,
    };
  }

  #readLimit(now: number): MemoryLimit {
    if (!this.#limit || isOld(this.#limit.at, now, LIMITS_MS)) {
      const { reader, maxBytes } = this.#parts;
      this.#limit = { at: now, limit: memoryLimit(reader.limits, maxBytes) };
    }
    return this.#limit.limit;
  }

  #readResident(
    now: number,
    limit: MemoryLimit,
    heap: HeapFigures,
    residentMs: number,
  ): Pick<Resident, 'rssBytes' | 'workingSetBytes'> {
    const known = this.#resident;
    if (known && !isOld(known.at, now, residentMs)) return grown(known, heap);
    const { reader, onTrouble } = this.#parts;
    try {
      const workingSetBytes = workingSet(reader.limits, limit);
      this.#resident = { at: now, rssBytes: reader.rss(), workingSetBytes, heap };
      return this.#resident;
    } catch (error) {
      // As when a process has no file descriptors left. What is known of the heap still holds.
      onTrouble(error, 'a reading of resident memory');
      const least = heap.committedBytes + heap.externalBytes;
      this.#resident = { at: now, rssBytes: Math.max(known?.rssBytes ?? 0, least), workingSetBytes: undefined, heap };
      return this.#resident;
    }
  }
}

function grown(
  { rssBytes, workingSetBytes, heap: before }: Resident,
  heap: HeapFigures,
): Omit<Resident, 'at' | 'heap'> {
  // Memory that was given back may stay resident: it is not taken off.
  const more =
    Math.max(0, heap.committedBytes - before.committedBytes) + Math.max(0, heap.externalBytes - before.externalBytes);
  return {
    rssBytes: rssBytes + more,
    workingSetBytes: workingSetBytes === undefined ? undefined : workingSetBytes + more,
  };
}

/** A host's clock may be set back: then what was read is of no known age. */
function isOld(at: number, now: number, ms: number): boolean {
  return now - at >= ms || now < at;
}
