import { HotpathError } from '../core/errors.js';
import { memoryLimit, workingSet } from '../core/resource-limits.js';
import type { MemoryReader } from './memory-reader.js';
import { MB } from './memory-usage.js';

/** Memory that a snapshot takes while it is made, in sizes of the heap. */
const MEMORY_TIMES = 2;
/** Size of its file, in sizes of the heap. */
const DISK_TIMES = 2.2;

/**
 * Refuses a snapshot that would end the process, or its machine's peace.
 *
 * @throws HotpathError code `NO_ROOM`
 */
export function checkMemoryRoom(reader: MemoryReader, maxBytes: number | undefined): void {
  const heap = reader.heap().usedBytes;
  const needed = MEMORY_TIMES * heap;
  const free = freeMemory(reader, maxBytes);
  if (free.bytes >= needed) return;
  const left = `${mb(Math.max(0, free.bytes))} are left of ${free.of}`;
  throw noRoom(`it takes about ${mb(needed)} of memory, ${MEMORY_TIMES} times the heap of ${mb(heap)}, and ${left}`);
}

/** @throws HotpathError code `NO_ROOM` */
export function checkDiskRoom(reader: MemoryReader, directory: string, freeBytes: number): void {
  const needed = DISK_TIMES * reader.heap().usedBytes;
  if (freeBytes >= needed) return;
  throw noRoom(`its file takes about ${mb(needed)}, and ${mb(freeBytes)} are free in ${directory}`);
}

function freeMemory(reader: MemoryReader, maxBytes: number | undefined): { bytes: number; of: string } {
  const limit = memoryLimit(reader.limits);
  const rss = reader.rss();
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
