import type { AttachmentReading } from '../../src/monitor/attachments/attachment-reading.js';
import type { Labels } from '../../src/monitor/exemplar.js';
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
    open: 0,
    idleMs: 0,
    answered: [] as number[],
    failed: [] as number[],
  }));
  const begins = requests.map(({ at }) => startedAt + at).sort((a, b) => a - b);
  for (const [i, slot] of slots.entries()) if (i > 0) slot.idleMs = slot.at - lastBefore(slot.at, begins, startedAt);
  for (const { at, ms, hasFailed = false } of requests) {
    const begin = startedAt + at;
    const end = begin + ms;
    if (begin > now) continue;
    const from = slotOf(begin) - first;
    const to = end <= now ? slotOf(end) - first : slots.length;
    if (from >= 0) {
      slots[from]!.started++;
      if (end > now) slots[from]!.open++;
    }
    for (let i = Math.max(0, from + 1); i <= Math.min(to, slots.length - 1); i++) slots[i]!.inFlight++;
    if (to >= 0 && to < slots.length) slots[to]![hasFailed ? 'failed' : 'answered'].push(ms);
  }
  return {
    operation: 'request',
    startedAt,
    windowMs: 60 * coarseMs,
    coarseMs,
    now: () => now,
    attachments: () => attachments,
    stats: (_, options) =>
      statsOfValues(
        'ms',
        slots.flatMap((slot) => tookIn(slot, options?.labels)),
      ),
    demand: (): DemandSlot[] =>
      slots.map(({ answered, failed, ...slot }) => ({
        ...slot,
        ended: answered.length + failed.length,
        failed: failed.length,
        quickestMs: answered.length === 0 ? null : answered.reduce((least, ms) => Math.min(least, ms)),
      })),
    timeline: (_, options): TimelinePoint[] =>
      slots.map((slot) => ({ at: slot.at, ms: slot.ms, ...pointOf(tookIn(slot, options?.labels)) })),
  };
}

/** The last of these, in order, that is before a time. */
function lastBefore(time: number, begins: readonly number[], otherwise: number): number {
  let low = 0;
  for (let high = begins.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (begins[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return begins[low - 1] ?? otherwise;
}

/** Times of requests by whether they failed, as their label `error` tells them apart. */
function tookIn(slot: { answered: readonly number[]; failed: readonly number[] }, labels?: Labels): readonly number[] {
  return labels?.['error'] === '' ? slot.answered : [...slot.answered, ...slot.failed];
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
