import { AlertBook, type AlertBookParts } from '../../src/monitor/alerts/alert-book.js';
import { AlertDelivery } from '../../src/monitor/alerts/alert-delivery.js';
import type { AlertEvent, AlertMessage } from '../../src/monitor/alerts/alert-event.js';
import { type AlertSinkLike, resolveSink } from '../../src/monitor/alerts/alert-sinks.js';
import { bucketOf } from '../../src/monitor/bucket-layout.js';
import { Distribution } from '../../src/monitor/distribution.js';
import type { Exemplar, Labels } from '../../src/monitor/exemplar.js';
import { type MetricStats, statsOf } from '../../src/monitor/metric-stats.js';
import type { ProfileEntry } from '../../src/monitor/profiling/profile-entry.js';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import { UNITS, type Unit } from '../../src/monitor/unit.js';
import { ManualClock } from '../manual-clock.js';

/** Figures as a window of a monitor would give them. */
export function statsOfValues(
  values: readonly number[],
  unit: Unit = 'ms',
  exemplars: readonly Exemplar[] = [],
): MetricStats | null {
  const counted = new Distribution(unit);
  for (const value of values) {
    counted.addBucket(bucketOf(value * UNITS[unit].steps + 0.5), 1);
    counted.addTotals(1, value, value, value);
  }
  return statsOf(counted, 300_000, exemplars);
}

export function exemplar(value: number): Exemplar {
  return { name: 'ask', at: 1_700_000_000_000, value, labels: {}, stages: [], metadata: { route: '/ask' } };
}

/** What a book reads, to be set by a test. Counts its reads. */
export class ReaderDouble {
  readonly operation = 'request';
  readonly windowMs = 3_600_000;
  /** Long ago: every window has passed. */
  startedAt = 0;
  readonly reads: { name: string; windowMs?: number; labels?: Labels; exemplars?: number }[] = [];
  targetReads = 0;
  /** By name, for any window and labels. An error is thrown. */
  readonly figures = new Map<string, MetricStats | null | Error>();
  readonly targetResults: Record<string, TargetResult> = {};
  slow: readonly Exemplar[] = [];
  taken: readonly ProfileEntry[] = [];

  stats(name: string, options: { windowMs?: number; labels?: Labels; exemplars?: number } = {}): MetricStats | null {
    this.reads.push({ name, ...options });
    const found = this.figures.get(name) ?? null;
    if (found instanceof Error) throw found;
    return found && { ...found, exemplars: found.exemplars.slice(0, options.exemplars ?? 5) };
  }

  targets(): Readonly<Record<string, TargetResult>> {
    this.targetReads++;
    return { ...this.targetResults };
  }

  slowest(_name: string, limit: number): readonly Exemplar[] {
    return this.slow.slice(0, limit);
  }

  profiles(): readonly ProfileEntry[] {
    return this.taken;
  }
}

/** A book with all that it tells. `look(value)` sets `ask` to one value, or none, and ticks; `steps` seconds pass before it. */
export function alertWorld(sinks: readonly AlertSinkLike[] = [], parts: Partial<AlertBookParts> = {}) {
  const clock = new ManualClock();
  const reader = new ReaderDouble();
  const told: string[] = [];
  const events: AlertEvent[] = [];
  const troubles: string[] = [];
  const start = clock.now();
  const tell = (what: string) => (event: AlertEvent) => {
    events.push(event);
    told.push(`${(event.at - start) / 1_000}s ${what} ${event.name}`);
  };
  const book = new AlertBook({
    reader,
    clock,
    sinks,
    onAlert: tell('alert'),
    onResolved: tell('resolved'),
    onTrouble: (error, during) => troubles.push(`${during}: ${error instanceof Error ? error.message : String(error)}`),
    ...parts,
  });
  const look = (value: number | null, seconds = 1): string => {
    clock.advance(seconds * 1_000);
    reader.figures.set('ask', value === null ? null : statsOfValues([value]));
    book.tick();
    return book.status()[0]!.state;
  };
  return { clock, reader, book, told, events, troubles, look, start };
}

/** A message as a book would send it, numbered. */
export function messageOf(number: number, changes: Partial<AlertMessage> = {}): AlertMessage {
  return {
    incident: `incident-${number}`,
    name: `alert ${number}`,
    severity: 'warning',
    condition: 'ask p95 above 3000 ms over 5m',
    value: 4_200,
    threshold: 3_000,
    worst: 4_400,
    unit: 'ms',
    windowMs: 300_000,
    samples: 120,
    startedAt: 1_700_000_000_000,
    at: 1_700_000_120_000,
    durationMs: 120_000,
    state: 'firing',
    ...changes,
  };
}

/** The delivery to one sink, with its clock and what it reports. */
export function deliveryTo(sink: AlertSinkLike) {
  const clock = new ManualClock();
  const start = clock.now();
  const troubles: string[] = [];
  const delivery = new AlertDelivery(resolveSink(sink, 0), clock, (error, during) => {
    troubles.push(`${during}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const seconds = (): number => (clock.now() - start) / 1_000;
  return { clock, delivery, troubles, seconds };
}
