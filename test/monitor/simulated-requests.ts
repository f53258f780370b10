import { expect } from 'vitest';
import type { AttachmentReading } from '../../src/monitor/attachments/attachment-reading.js';
import type { DemandSlot, MonitorReader, TimelinePoint } from '../../src/monitor/monitor-reader.js';
import { statsOfValues } from './stats-of-values.js';

/** A request: when it begins, in milliseconds after the monitor, and how long it takes. Infinite: it never ends. */
export interface SimulatedRequest {
  readonly at: number;
  readonly ms: number;
  readonly hasFailed?: boolean;
}

/** Begins on a boundary of slots of any length up to an hour. */
const START = 1_700_000_000_000 - (1_700_000_000_000 % 3_600_000);

type Reader = Pick<
  MonitorReader,
  'operation' | 'startedAt' | 'windowMs' | 'coarseMs' | 'now' | 'demand' | 'timeline' | 'stats' | 'attachments'
>;

export interface SimulatedOptions {
  readonly coarseMs?: number;
  /** How long after a slot boundary the monitor was made. */
  readonly offsetMs?: number;
  readonly attachments?: readonly AttachmentReading[];
}

/** What a monitor knows of these requests, `nowMs` after it was made. */
export function monitorOf(
  requests: readonly SimulatedRequest[],
  nowMs: number,
  options: SimulatedOptions = {},
): Reader {
  const { coarseMs = 60_000, offsetMs = 0, attachments = [] } = options;
  const startedAt = START + offsetMs;
  const now = startedAt + nowMs;
  const slotOf = (time: number): number => Math.floor(time / coarseMs);
  const last = slotOf(now);
  const first = Math.max(slotOf(startedAt), last - 60);
  const slots = Array.from({ length: last - first + 1 }, (_, i) => ({
    at: (first + i) * coarseMs,
    ms: Math.min(now, (first + i + 1) * coarseMs) - Math.max(startedAt, (first + i) * coarseMs),
    started: 0,
    inFlight: 0,
    ended: 0,
    took: [] as number[],
  }));
  for (const { at, ms, hasFailed = false } of requests) {
    const begin = startedAt + at;
    const end = begin + ms;
    if (begin > now) continue;
    const from = slotOf(begin) - first;
    const to = end <= now ? slotOf(end) - first : slots.length;
    if (from >= 0) slots[from]!.started++;
    for (let i = Math.max(0, from + 1); i <= Math.min(to, slots.length - 1); i++) slots[i]!.inFlight++;
    if (to < 0 || to >= slots.length) continue;
    slots[to]!.ended++;
    if (!hasFailed) slots[to]!.took.push(ms);
  }
  return {
    operation: 'request',
    startedAt,
    windowMs: 60 * coarseMs,
    coarseMs,
    now: () => now,
    attachments: () => attachments,
    stats: (_, options) => {
      expect(options?.labels).toEqual({ error: '' });
      return statsOfValues(
        'ms',
        slots.flatMap(({ took }) => took),
      );
    },
    demand: (): DemandSlot[] =>
      slots.map(({ took, ...slot }) => ({
        ...slot,
        failed: slot.ended - took.length,
        quickestMs: took.length === 0 ? null : took.reduce((least, ms) => Math.min(least, ms)),
      })),
    timeline: (_, options): TimelinePoint[] => {
      expect(options?.labels).toEqual({ error: '' });
      return slots.map(({ at, ms, took }) => ({ at, ms, ...pointOf(took) }));
    },
  };
}

function pointOf(took: readonly number[]): Pick<TimelinePoint, 'count' | 'p50' | 'p95' | 'p99' | 'max'> {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? null };
}

/** Requests that come at an even rate, from `fromMs` for `forMs`. */
export function evenly(perMinute: number, fromMs: number, forMs: number): number[] {
  const count = Math.round((perMinute * forMs) / 60_000);
  return Array.from({ length: count }, (_, i) => fromMs + (i * forMs) / count);
}

/** Requests that all take as long, however many there are. */
export function taking(ms: number, arrivals: readonly number[]): SimulatedRequest[] {
  return arrivals.map((at) => ({ at, ms }));
}

/** Requests that one server answers, one after the other. */
export function served(perMinute: number, arrivals: readonly number[]): SimulatedRequest[] {
  const serviceMs = 60_000 / perMinute;
  let freeAt = 0;
  return arrivals.map((at) => {
    freeAt = Math.max(freeAt, at) + serviceMs;
    return { at, ms: freeAt - at };
  });
}
