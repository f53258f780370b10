import type { Clock } from '../core/clock.js';
import type { AlertEvent } from './alerts/alert-event.js';
import type { AlertStatus } from './alerts/alert-status.js';
import type { AttachmentReading } from './attachments/attachment-reading.js';
import { type DemandBook, demandOf } from './demand-book.js';
import type { Distribution } from './distribution.js';
import type { Exemplar, Labels } from './exemplar.js';
import type { ExemplarBook } from './exemplar-book.js';
import { includesLabels } from './labels.js';
import type { Mark } from './mark.js';
import type { MarkBook } from './mark-book.js';
import { type MetricStats, statsOf } from './metric-stats.js';
import type { DemandSlot, MonitorReader, SeriesReader, TimelinePoint } from './monitor-reader.js';
import type { ProfileEntry } from './profiling/profile-entry.js';
import type { ResourceReading } from './resource-reading.js';
import type { SeriesBook } from './series-book.js';
import { distributionOf, timelineOf } from './series-reading.js';
import { type SlotGrid, slotsOf } from './slot-grid.js';
import type { TargetResult } from './targets/target-result.js';
import type { Unit } from './unit.js';

/** What a view reads. Parts that are made after it are asked for when they are read. */
export interface ViewParts {
  readonly operation: string;
  readonly clock: Clock;
  readonly grid: SlotGrid;
  readonly maxSeries: number;
  readonly series: SeriesBook;
  readonly exemplars: ExemplarBook;
  readonly demand: DemandBook;
  readonly marks: MarkBook;
  targets(): Readonly<Record<string, TargetResult>>;
  alerts(): readonly AlertStatus[];
  incidents(): readonly AlertEvent[];
  attachments(): readonly AttachmentReading[];
  resources(): ResourceReading | null;
  profiles(): readonly ProfileEntry[];
}

const EXEMPLARS = 5;

/** A monitor as exporters see it. */
export class MonitorView implements MonitorReader {
  readonly operation: string;
  readonly startedAt: number;
  readonly windowMs: number;
  readonly coarseMs: number;
  readonly slotMs: number;
  readonly #parts: ViewParts;

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.operation = parts.operation;
    ({ startedAt: this.startedAt, windowMs: this.windowMs, coarseMs: this.coarseMs, slotMs: this.slotMs } = parts.grid);
  }

  now(): number {
    return this.#parts.clock.now();
  }

  series(): readonly SeriesReader[] {
    return this.#parts.series.all().sort((a, b) => b.count - a.count);
  }

  names(): readonly { readonly name: string; readonly unit: Unit; readonly count: number }[] {
    return this.#parts.series.names().sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }

  stats(name: string, options: { windowMs?: number; labels?: Labels; exemplars?: number } = {}): MetricStats | null {
    const { windowMs = this.windowMs, labels, exemplars = EXEMPLARS } = options;
    const range = slotsOf(this.#parts.grid, this.now(), windowMs);
    const values = distributionOf(this.#parts.series.select(name, labels), range);
    if (values === undefined || values.count === 0) return null;
    const since = this.now() - range.coveredMs;
    // With a filter, more are looked at, since those of other labels stand among them.
    const largest = exemplars === 0 ? [] : this.#parts.exemplars.largest(name, since, labels ? MANY : exemplars);
    const fitting = labels ? largest.filter((exemplar) => includesLabels(exemplar.labels, labels)) : largest;
    const stats = statsOf(values, range.coveredMs, fitting.slice(0, exemplars), windowMs);
    return stats && (name === this.operation ? { ...stats, overTarget: values.over } : stats);
  }

  distribution(name: string, options: { windowMs?: number; labels?: Labels } = {}): Distribution | null {
    const range = slotsOf(this.#parts.grid, this.now(), options.windowMs ?? this.windowMs);
    return distributionOf(this.#parts.series.select(name, options.labels), range) ?? null;
  }

  timeline(name: string, options: { windowMs?: number; labels?: Labels } = {}): readonly TimelinePoint[] {
    const { windowMs = this.windowMs, labels } = options;
    return timelineOf(this.#parts.series.select(name, labels), this.#parts.grid, this.now(), windowMs);
  }

  demand(name: string): readonly DemandSlot[] {
    const now = this.now();
    const series = this.#parts.series.select(name);
    const failed = series.filter(({ labels }) => labels['error'] !== undefined);
    return demandOf(this.#parts.grid, now, this.#parts.demand.read(name, now) ?? [], {
      countIn: (slot) => series.reduce((sum, each) => sum + each.countIn(slot), 0),
      failedIn: (slot) => failed.reduce((sum, each) => sum + each.countIn(slot), 0),
    });
  }

  inFlight(name: string): number {
    return this.#parts.demand.inFlight(name);
  }

  slowest(name: string, limit: number): readonly Exemplar[] {
    return this.#parts.exemplars.largest(name, this.now() - this.windowMs, limit);
  }

  troubles(): ReturnType<MonitorReader['troubles']> {
    const { series, maxSeries } = this.#parts;
    let rejected = 0;
    let clamped = 0;
    for (const each of series.all()) {
      rejected += each.rejected;
      clamped += each.clamped;
    }
    return { rejected, clamped, overflowed: series.overflowed, series: series.size, maxSeries };
  }

  targets(): Readonly<Record<string, TargetResult>> {
    return this.#parts.targets();
  }

  alerts(): readonly AlertStatus[] {
    return this.#parts.alerts();
  }

  incidents(): readonly AlertEvent[] {
    return this.#parts.incidents();
  }

  marks(): readonly Mark[] {
    return this.#parts.marks.since(this.now() - this.windowMs);
  }

  attachments(): readonly AttachmentReading[] {
    return this.#parts.attachments();
  }

  resources(): ResourceReading | null {
    return this.#parts.resources();
  }

  profiles(): readonly ProfileEntry[] {
    return this.#parts.profiles();
  }
}

/** As many as one name can have. */
const MANY = 1_200;
