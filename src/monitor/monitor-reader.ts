import type { AlertEvent } from './alerts/alert-event.js';
import type { AlertStatus } from './alerts/alert-status.js';
import type { AttachmentReading } from './attachments/attachment-reading.js';
import type { Distribution } from './distribution.js';
import type { Exemplar, Labels } from './exemplar.js';
import type { Mark } from './mark.js';
import type { MetricStats } from './metric-stats.js';
import type { ProfileEntry } from './profiling/profile-entry.js';
import type { ResourceReading } from './resource-reading.js';
import type { TargetResult } from './targets/target-result.js';
import type { Unit } from './unit.js';

/** One series as exporters see it. */
export interface SeriesReader {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: Unit;
  /** Values since the monitor was made, and what they add up to. Never fall. */
  readonly count: number;
  readonly sum: number;
  /** The same with its buckets. */
  lifetime(): Distribution;
  /** Those of the last `windowMs`, in whole slots; empty where there are none. */
  window(windowMs: number): Distribution;
  /** Values that were not recorded: NaN, negative, infinite. */
  readonly rejected: number;
  /** Values that were recorded as the highest there is. */
  readonly clamped: number;
  /** Values above the response-time target, counted exactly. Only of the operation's series; else 0. */
  readonly overTarget: number;
}

/** One slot of a metric: a point of a chart. */
export interface TimelinePoint {
  /** Start of the slot, milliseconds since the epoch. */
  readonly at: number;
  /** Length of the slot; of the slot under way, what has passed of it. */
  readonly ms: number;
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Requests that began and ended in one coarse slot, for the throughput target. */
export interface DemandSlot {
  readonly at: number;
  /** What has passed of it, for the slot under way; counted from the monitor's start, for the first. */
  readonly ms: number;
  readonly started: number;
  /** Answered or failed, whenever they began. */
  readonly ended: number;
  /** Of those, the ones that ended with an error. */
  readonly failed: number;
  /** Under way when the slot began. */
  readonly inFlight: number;
  /** Of those that began in it, still under way. */
  readonly open: number;
  /** How long none had begun when the slot began: answers to earlier ones take at least as long. */
  readonly idleMs: number;
  /** The shortest time of an answer that was timed here, in milliseconds; `null` without one. */
  readonly quickestMs: number | null;
}

/** Everything that a monitor knows, to be read: what reports, exporters, dashboard and bridges work on. Reading changes nothing. */
export interface MonitorReader {
  readonly operation: string;
  readonly startedAt: number;
  /** The longest window, the length of its 60 slots, and of the finer slots (a twelfth) of its last five of them. Milliseconds. */
  readonly windowMs: number;
  readonly coarseMs: number;
  readonly slotMs: number;
  now(): number;
  /** Most-used first. */
  series(): readonly SeriesReader[];
  /** Names, most-used first, with their unit and the values counted since the start. */
  names(): readonly { readonly name: string; readonly unit: Unit; readonly count: number }[];
  /** All series of the name whose labels include these; `''` stands for a label that is absent. */
  stats(name: string, options?: { windowMs?: number; labels?: Labels; exemplars?: number }): MetricStats | null;
  distribution(name: string, options?: { windowMs?: number; labels?: Labels }): Distribution | null;
  /** Slots of the window, oldest first, the one under way last; empty slots included. Fine slots up to five coarse ones. */
  timeline(name: string, options?: { windowMs?: number; labels?: Labels }): readonly TimelinePoint[];
  demand(name: string): readonly DemandSlot[];
  inFlight(name: string): number;
  /** Slowest of the window, slowest first. */
  slowest(name: string, limit: number): readonly Exemplar[];
  /** Values rejected, clamped, and put into overflow series, since the start. */
  troubles(): {
    readonly rejected: number;
    readonly clamped: number;
    readonly overflowed: number;
    readonly series: number;
    readonly maxSeries: number;
  };
  targets(): Readonly<Record<string, TargetResult>>;
  alerts(): readonly AlertStatus[];
  /** The last 100 incidents, oldest first, each as it fired or, with `resolvedAt`, as it resolved. */
  incidents(): readonly AlertEvent[];
  marks(): readonly Mark[];
  attachments(): readonly AttachmentReading[];
  /** The last sample; `null` before the first. */
  resources(): ResourceReading | null;
  profiles(): readonly ProfileEntry[];
}
