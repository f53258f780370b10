import type { MemoryLevel } from './memory-level.js';
import type { MemoryReading } from './memory-usage.js';
import { inUseBytes } from './pressure.js';

/** Looks are never nearer together than this. */
const LEAST_MS = 50;
/** From elevated on it is looked this much more often. */
const PRESSED = 4;
/** Looks that shall come before a limit is reached at the present pace. */
const LOOKS_BEFORE_LIMIT = 10;
/** As fast as memory may grow that only the system knows of: by worker threads, or native code. */
const UNSEEN_BYTES_PER_MS = (100 * 2 ** 20) / 1_000;
const RESIDENT_CALM_MS = 5_000;
const RESIDENT_PRESSED_MS = 1_000;
const RESIDENT_LEAST_MS = 250;

/** Milliseconds to the next look: the interval while all is calm, less when memory is short or goes fast. */
export function lookDelay(intervalMs: number, level: MemoryLevel, msToLimit: number): number {
  const usual = level === 'normal' ? intervalMs : intervalMs / PRESSED;
  return Math.max(LEAST_MS, Math.min(usual, msToLimit / LOOKS_BEFORE_LIMIT));
}

/**
 * When heap or process would reach their limit, at the pace from one look to the next; Infinity when neither grows. Garbage counts: the
 * nearer the heap is to a collection, the sooner it is worth to look.
 */
export function msToLimit(before: MemoryReading | undefined, now: MemoryReading): number {
  if (before === undefined || now.at <= before.at) return Number.POSITIVE_INFINITY;
  const until = (used: number, usedBefore: number, limit: number): number =>
    used > usedBefore
      ? (Math.max(0, limit - used) * (now.at - before.at)) / (used - usedBefore)
      : Number.POSITIVE_INFINITY;
  return Math.min(
    until(now.heapUsedBytes, before.heapUsedBytes, now.heapLimitBytes),
    until(inUseBytes(now), inUseBytes(before), now.limitBytes),
  );
}

/**
 * How old a reading of the system may be: 5 s while all is calm, 1 s from elevated on, and less where the room up to the next level is so
 * small that it could be gone by then.
 */
export function residentAge(level: MemoryLevel, roomBytes: number): number {
  const usual = level === 'normal' ? RESIDENT_CALM_MS : RESIDENT_PRESSED_MS;
  return Math.max(RESIDENT_LEAST_MS, Math.min(usual, roomBytes / UNSEEN_BYTES_PER_MS));
}
