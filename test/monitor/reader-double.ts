import type { AlertEvent } from '../../src/monitor/alerts/alert-event.js';
import type { AlertStatus } from '../../src/monitor/alerts/alert-status.js';
import type { AttachmentReading } from '../../src/monitor/attachments/attachment-reading.js';
import { bucketOf, HIGHEST } from '../../src/monitor/bucket-layout.js';
import { Distribution } from '../../src/monitor/distribution.js';
import type { Exemplar, Labels } from '../../src/monitor/exemplar.js';
import type { Mark } from '../../src/monitor/mark.js';
import { type MetricStats, statsOf } from '../../src/monitor/metric-stats.js';
import type { DemandSlot, MonitorReader, SeriesReader, TimelinePoint } from '../../src/monitor/monitor-reader.js';
import type { ProfileEntry } from '../../src/monitor/profiling/profile-entry.js';
import type { ResourceReading } from '../../src/monitor/resource-reading.js';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import { UNITS, type Unit } from '../../src/monitor/unit.js';
import { SeededRandom } from '../random.js';
import {
  ALERTS,
  ATTACHMENTS,
  exemplarsAt,
  INCIDENTS,
  MARKS,
  PROFILES,
  RESOURCES,
  START,
  TARGETS,
} from './reader-double-facts.js';

/** A value and when it was recorded. */
interface Sample {
  readonly at: number;
  readonly value: number;
}

/** A series of the double. Values may be added at any time. */
export class SeriesDouble implements SeriesReader {
  rejected = 0;
  clamped = 0;
  readonly samples: Sample[] = [];

  constructor(
    readonly name: string,
    readonly labels: Readonly<Record<string, string>>,
    readonly unit: Unit,
    /** Values above it count as over target; `undefined` where the series is not the operation's. */
    readonly limit: number | undefined,
    readonly now: () => number,
  ) {}

  get count(): number {
    return this.lifetime().count;
  }

  get sum(): number {
    return this.lifetime().sum;
  }

  lifetime(): Distribution {
    return distributionOf(this.unit, this.samples);
  }

  window(windowMs: number): Distribution {
    const now = this.now();
    return distributionOf(
      this.unit,
      this.samples.filter(({ at }) => at > now - windowMs && at <= now),
    );
  }

  get overTarget(): number {
    const { limit } = this;
    return limit === undefined ? 0 : this.samples.filter(({ value }) => value > limit).length;
  }
}

/**
 * A monitor to be read, without the monitor: series of plain lists, and everything else as public fields that a test sets.
 * Figures are computed from the lists (windows by the time of each value), so that they fit each other.
 */
export class ReaderDouble implements MonitorReader {
  operation = 'request';
  startedAt = START;
  windowMs = 3_600_000;
  coarseMs = 60_000;
  slotMs = 5_000;
  time: number = START + 3_600_000;
  list: SeriesDouble[] = [];
  running: Record<string, number> = {};
  exemplars: Exemplar[] = [];
  overflowed = 0;
  maxSeries = 200;
  targetResults: Record<string, TargetResult> = {};
  alertStatuses: AlertStatus[] = [];
  incidentList: AlertEvent[] = [];
  markList: Mark[] = [];
  attachmentReadings: AttachmentReading[] = [];
  resource: ResourceReading | null = null;
  profileList: ProfileEntry[] = [];

  /**
   * Adds values to a series, which is made if it is new.
   *
   * @param at - when they were recorded; by default spread evenly over the window that ends now
   */
  add(
    name: string,
    unit: Unit,
    values: readonly number[],
    labels: Record<string, string> = {},
    at?: number,
  ): SeriesDouble {
    const key = JSON.stringify(Object.entries(labels).sort());
    let series = this.list.find(
      (one) => one.name === name && JSON.stringify(Object.entries(one.labels).sort()) === key,
    );
    if (series === undefined) {
      const target = this.targetResults['responseTimeP95']?.target ?? undefined;
      series = new SeriesDouble(name, labels, unit, name === this.operation ? target : undefined, () => this.time);
      this.list.push(series);
    }
    const from = this.time - this.windowMs;
    for (const [i, value] of values.entries()) {
      series.samples.push({ at: at ?? from + ((i + 0.5) * this.windowMs) / values.length, value });
    }
    return series;
  }

  now(): number {
    return this.time;
  }

  series(): readonly SeriesReader[] {
    return [...this.list].sort((a, b) => b.samples.length - a.samples.length);
  }

  names(): readonly { readonly name: string; readonly unit: Unit; readonly count: number }[] {
    const all = new Map<string, { name: string; unit: Unit; count: number }>();
    for (const { name, unit, samples } of this.list) {
      const count = samples.length + (all.get(name)?.count ?? 0);
      all.set(name, { name, unit, count });
    }
    return [...all.values()].sort((a, b) => b.count - a.count);
  }

  stats(name: string, options: { windowMs?: number; labels?: Labels; exemplars?: number } = {}): MetricStats | null {
    const values = this.distribution(name, options);
    if (values === null) return null;
    return statsOf(values, options.windowMs ?? this.windowMs, this.slowest(name, options.exemplars ?? 5));
  }

  distribution(name: string, { windowMs, labels }: { windowMs?: number; labels?: Labels } = {}): Distribution | null {
    const matching = this.#matching(name, labels);
    if (matching.length === 0) return null;
    const from = this.time - (windowMs ?? this.windowMs);
    const samples = matching.flatMap((one) => one.samples).filter(({ at }) => at > from && at <= this.time);
    return distributionOf(matching[0]!.unit, samples);
  }

  timeline(name: string, { windowMs, labels }: { windowMs?: number; labels?: Labels } = {}): readonly TimelinePoint[] {
    const span = windowMs ?? this.windowMs;
    const ms = span <= 5 * this.coarseMs ? this.slotMs : this.coarseMs;
    const samples = this.#matching(name, labels).flatMap((one) => one.samples);
    const unit = this.#matching(name, labels)[0]?.unit ?? 'ms';
    const last = Math.floor(this.time / ms) * ms;
    const points: TimelinePoint[] = [];
    for (let at = last - Math.ceil(span / ms) * ms; at <= last; at += ms) {
      const values = distributionOf(
        unit,
        samples.filter((one) => one.at >= at && one.at < at + ms),
      );
      points.push({
        at,
        ms: Math.min(ms, this.time - at),
        count: values.count,
        p50: values.percentile(0.5),
        p95: values.percentile(0.95),
        p99: values.percentile(0.99),
        max: values.count === 0 ? null : values.max,
      });
    }
    return points;
  }

  /** Requests of the double take no time: each begins and ends in its slot. */
  demand(name: string): readonly DemandSlot[] {
    return this.timeline(name).map(({ at, ms, count }) => ({
      at,
      ms,
      started: count,
      ended: count,
      failed: 0,
      inFlight: this.inFlight(name),
      open: 0,
      idleMs: 0,
      quickestMs: null,
    }));
  }

  inFlight(name: string): number {
    return this.running[name] ?? 0;
  }

  slowest(name: string, limit: number): readonly Exemplar[] {
    const own = this.exemplars.filter((one) => one.name === name);
    return own.sort((a, b) => b.value - a.value).slice(0, limit);
  }

  troubles(): ReturnType<MonitorReader['troubles']> {
    const total = (of: (one: SeriesDouble) => number): number => this.list.reduce((sum, one) => sum + of(one), 0);
    return {
      rejected: total((one) => one.rejected),
      clamped: total((one) => one.clamped),
      overflowed: this.overflowed,
      series: this.list.length,
      maxSeries: this.maxSeries,
    };
  }

  targets(): Readonly<Record<string, TargetResult>> {
    return this.targetResults;
  }

  alerts(): readonly AlertStatus[] {
    return this.alertStatuses;
  }

  incidents(): readonly AlertEvent[] {
    return this.incidentList;
  }

  marks(): readonly Mark[] {
    return this.markList;
  }

  attachments(): readonly AttachmentReading[] {
    return this.attachmentReadings;
  }

  resources(): ResourceReading | null {
    return this.resource;
  }

  profiles(): readonly ProfileEntry[] {
    return this.profileList;
  }

  #matching(name: string, labels: Labels = {}): SeriesDouble[] {
    return this.list.filter(
      (one) =>
        one.name === name && Object.entries(labels).every(([key, value]) => (one.labels[key] ?? '') === String(value)),
    );
  }
}

/** A reader with every kind of content: all units, labels, errors, hits, stages, targets and alerts in every state. The same at every call. */
export function fullReader(): ReaderDouble {
  const reader = new ReaderDouble();
  const random = new SeededRandom(4);
  const around = (n: number, middle: number, spread: number): number[] =>
    Array.from({ length: n }, () => middle * spread ** (2 * random.next() - 1));
  reader.targetResults = { ...TARGETS };
  reader.add('request', 'ms', around(400, 4, 3), { cache: 'hit' });
  reader.add('request', 'ms', around(200, 900, 4), { cache: 'miss' });
  reader.add('request', 'ms', around(12, 5_000, 1.5), { cache: 'miss', error: 'TimeoutError' });
  reader.add('request', 'ms', around(3, 40, 2), { cache: 'miss', error: 'HTTP 429' });
  reader.add('request_stage', 'ms', around(200, 60, 2), { stage: 'retrieval' });
  reader.add('request_stage', 'ms', around(200, 25, 2), { stage: 'rerank' });
  reader.add('request_stage', 'ms', around(200, 800, 4), { stage: 'model' });
  reader.add('request_first_chunk', 'ms', around(200, 300, 2));
  reader.add('request_between_chunks', 'ms', around(2_000, 20, 2));
  reader.add('embed', 'ms', around(150, 12, 2), { model: 'small' });
  reader.add('embed', 'ms', around(50, 30, 2), { model: 'large' });
  reader.add('answer_tokens', 'count', around(200, 300, 3).map(Math.round), { model: 'large' });
  reader.add('prompt_bytes', 'bytes', around(200, 8_000, 4).map(Math.round));
  reader.add(
    'similarity',
    'ratio',
    Array.from({ length: 200 }, () => 0.6 + 0.4 * random.next()),
  );
  reader.add('process_cpu', 'ratio', around(600, 0.3, 2));
  reader.add('event_loop_utilization', 'ratio', around(600, 0.25, 2));
  reader.add('process_memory', 'ratio', around(600, 0.55, 1.1));
  reader.add('event_loop_delay', 'ms', around(600, 1.2, 4));
  reader.list[0]!.rejected = 2;
  reader.list[4]!.clamped = 1;
  reader.overflowed = 7;
  reader.running = { request: 5, embed: 1 };
  reader.exemplars = exemplarsAt(reader.operation, reader.time);
  reader.alertStatuses = [...ALERTS];
  reader.incidentList = [...INCIDENTS];
  reader.markList = [...MARKS];
  reader.attachmentReadings = [...ATTACHMENTS];
  reader.resource = RESOURCES;
  reader.profileList = [...PROFILES];
  return reader;
}

/** Values counted as the monitor counts them: rounded to the steps of their unit. */
export function distributionOf(unit: Unit, samples: readonly { readonly value: number }[]): Distribution {
  const distribution = new Distribution(unit);
  const { steps } = UNITS[unit];
  for (const { value } of samples) {
    distribution.addBucket(bucketOf(Math.min(HIGHEST, Math.round(value * steps))), 1);
    distribution.addTotals(1, value, value, value);
  }
  return distribution;
}
