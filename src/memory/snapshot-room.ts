import { getHeapSpaceStatistics } from 'node:v8';
import { HotpathError } from '../core/errors.js';
import { memoryLimit, workingSet } from '../core/resource-limits.js';
import type { MemoryReader } from './memory-reader.js';
import { MB } from './memory-usage.js';

// Measured on Node.js 20.20 with 40 shapes of heap, from 3 to 77 Mb (peak of resident memory less what it was before): what a snapshot takes goes by
// the number of objects, which V8 does not tell, and by the slots of the longest list, each of which V8 gives a name of a kilobyte.

/** Whatever the heap. Measured: 31 Mb for a process that has just begun. */
const BASE_BYTES = 32 * MB;
/** In sizes of what is not in large objects. Measured: 2 (dates, buffers) to 13 (short strings, weak maps), parsed rows 6 to 11. */
const TIMES = 15;
/** In sizes of large objects: a name of 1,024 bytes and its book-keeping for each slot of 8 bytes. Measured: up to 125 in lists and maps, none in long strings. */
const LARGE_TIMES = 150;
/** Size of its file, in sizes of the heap. Measured: 0.2 to 4.2. */
const DISK_TIMES = 4.5;

/** Bytes of this thread's heap in objects above 128 kB: long lists, the tables of maps and sets, long strings. A microsecond. */
export function largeObjectBytes(): number {
  let sum = 0;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (space_name.includes('large_object')) sum += space_used_size;
  }
  return sum;
}

/** The most memory that a snapshot of such a heap takes while it is made, on top of what the process has. */
export function snapshotBytes(heapBytes: number, largeBytes: number): number {
  const large = Math.min(heapBytes, largeBytes);
  return BASE_BYTES + TIMES * (heapBytes - large) + LARGE_TIMES * large;
}

/**
 * Refuses a snapshot that would end the process, or its machine's peace.
 *
 * @throws HotpathError code `NO_ROOM`
 */
export function checkMemoryRoom(reader: MemoryReader, largeBytes: number, maxBytes: number | undefined): void {
  const heap = reader.heap().usedBytes;
  const needed = snapshotBytes(heap, largeBytes);
  const free = freeMemory(reader, maxBytes);
  if (free.bytes >= needed) return;
  const of = `a heap of ${mb(heap)}, ${mb(Math.min(heap, largeBytes))} of it in large objects,`;
  const left = `${mb(Math.max(0, free.bytes))} are left of ${free.of}`;
  throw noRoom(`that of ${of} may take ${mb(needed)} of memory, and ${left}; skipMemoryCheck takes it all the same`);
}

/** @throws HotpathError code `NO_ROOM` */
export function checkDiskRoom(reader: MemoryReader, directory: string, freeBytes: number): void {
  const needed = DISK_TIMES * reader.heap().usedBytes;
  if (freeBytes >= needed) return;
  throw noRoom(`its file may take ${mb(needed)}, and ${mb(freeBytes)} are free in ${directory}`);
}

function freeMemory(reader: MemoryReader, maxBytes: number | undefined): { bytes: number; of: string } {
  const limit = memoryLimit(reader.limits);
  const rss = reader.rss();
  // Of a group the process may use pages that are counted to another one, and others may use it too.
  const used = Math.max(rss, workingSet(reader.limits, limit) ?? 0);
  const found = [{ bytes: limit.bytes - used, of: `the limit of ${mb(limit.bytes)} (${limit.source})` }];
  if (maxBytes !== undefined) found.push({ bytes: maxBytes - rss, of: `the limit of ${mb(maxBytes)} (option)` });
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(reader.limits.readFile('/proc/meminfo') ?? '')?.[1];
  if (available !== undefined) found.push({ bytes: Number(available) * 1024, of: 'what the machine has' });
  return found.reduce((least, each) => (each.bytes < least.bytes ? each : least));
}

function noRoom(why: string): HotpathError {
  return new HotpathError(`no heap snapshot is taken: ${why}`, { code: 'NO_ROOM' });
}

function mb(bytes: number): string {
  return `${Math.round(bytes / MB)} Mb`;
}
