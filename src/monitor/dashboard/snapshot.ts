import type { AlertEvent } from '../alerts/alert-event.js';
import type { AlertStatus } from '../alerts/alert-status.js';
import type { AttachmentReading } from '../attachments/attachment-reading.js';
import type { StageTime } from '../exemplar.js';
import type { Mark } from '../mark.js';
import type { ThinFigure } from '../metric-stats.js';
import type { DemandSlot, MonitorReader, TimelinePoint } from '../monitor-reader.js';
import type { ProfileEntry } from '../profiling/profile-entry.js';
import type { ResourceReading } from '../resource-reading.js';
import type { TargetResult } from '../targets/target-result.js';
import type { Unit } from '../unit.js';

/** Why a series is on the page. `process`: the monitor's own figures of the process. */
export type SeriesRole = 'operation' | 'process' | 'top' | 'asked';

/** Figures over the window of the view, in the unit of the series. */
export interface SeriesFigures {
  readonly count: number;
  readonly ratePerMinute: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly lowConfidence: readonly ThinFigure[];
}

/** The populations of a series; `null` where there are no values. They are recomputed every few seconds, in turn. */
export interface SeriesStats {
  readonly all: SeriesFigures | null;
  /** Values with the label `cache: hit`, `cache: miss`, and with any label `error`. */
  readonly hit: SeriesFigures | null;
  readonly miss: SeriesFigures | null;
  readonly error: SeriesFigures | null;
  /** How often each value of the label `error` was met in the window: the ten most frequent. */
  readonly errors: Readonly<Record<string, number>>;
}

/** All series of one name. */
export interface SeriesView {
  readonly name: string;
  readonly unit: Unit;
  readonly role: SeriesRole;
  /** Values since the monitor's start. */
  readonly count: number;
  /** Oldest first, `pointMs` apart, the slot under way last. Slots without values have `count: 0` and nulls. */
  readonly points: readonly TimelinePoint[];
  readonly stats: SeriesStats;
}

/** One stage of the operation over the window of the view. */
export interface StageView {
  readonly name: string;
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
}

/** One of the slowest requests. Long texts are cut, what is not plain is described. */
export interface RequestView {
  /** When it began. */
  readonly at: number;
  /** Milliseconds. */
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  /** The first 16. */
  readonly stages: readonly StageTime[];
  readonly metadata: Readonly<Record<string, string | number | boolean | null>>;
  readonly error: string | null;
}

/** An incident that is over. Value `worst` in `unit`. */
export interface IncidentView
  extends Pick<AlertEvent, 'incident' | 'name' | 'severity' | 'condition' | 'worst' | 'unit' | 'startedAt'> {
  readonly resolvedAt: number;
}

/** A profile as the page lists it: never where it lies on the disk. Download: `profiles/<file>`. */
export type ProfileView = Omit<ProfileEntry, 'path'>;

/**
 * Everything the page shows: the event `snapshot` of the stream, sent at connect, and again where deltas would leave a gap.
 * Times `at` are whole milliseconds since the epoch, fractions have four significant digits, `null` means no data.
 */
export interface DashboardSnapshot {
  readonly at: number;
  readonly startedAt: number;
  /** The timer that the response-time and throughput targets judge. Its series has the role `operation`, once it exists. */
  readonly operation: string;
  /** What charts and figures cover, and what lies between two points. Milliseconds. */
  readonly windowMs: number;
  readonly pointMs: number;
  /** The longest window that can be asked for. */
  readonly longestWindowMs: number;
  /** What the server lets the page do: `POST profile`, `GET profiles/<file>`. */
  readonly can: { readonly profile: boolean; readonly download: boolean };
  /** How many names there are in all: `GET series.json?q=` searches them. */
  readonly names: number;
  /** The names in `series`: operation, process, then by traffic, then as asked for. */
  readonly shown: readonly string[];
  readonly series: readonly SeriesView[];
  /** Stages of the operation, those that took most time in all first; 16 at most. */
  readonly stages: readonly StageView[];
  /** The ten slowest requests of the operation, slowest first. */
  readonly slowest: readonly RequestView[];
  /** Requests of the operation under way. */
  readonly inFlight: number;
  /** Requests of the operation that began and ended, a slot of the longest window each, oldest first. */
  readonly demand: readonly DemandSlot[];
  readonly resources: ResourceReading | null;
  readonly targets: Readonly<Record<string, TargetResult>>;
  readonly alerts: readonly AlertStatus[];
  /** The last ten incidents that are over, newest first. */
  readonly incidents: readonly IncidentView[];
  /** The last 50. */
  readonly marks: readonly Mark[];
  /** Names in `attachments`. */
  readonly attached: readonly string[];
  readonly attachments: readonly AttachmentReading[];
  /** The last ten, newest first, each with its first eight functions. */
  readonly profiles: readonly ProfileView[];
  readonly troubles: ReturnType<MonitorReader['troubles']>;
}

/** Parts that a delta replaces as a whole. */
export type ReplacedPart =
  | 'can'
  | 'names'
  | 'shown'
  | 'stages'
  | 'slowest'
  | 'inFlight'
  | 'resources'
  | 'targets'
  | 'alerts'
  | 'incidents'
  | 'marks'
  | 'attached'
  | 'profiles'
  | 'troubles';

/** What is new of a series. One that the page does not have yet comes whole. */
export type SeriesDelta = Pick<SeriesView, 'name'> & Partial<SeriesView>;

/**
 * What has changed since the last event: the event `delta`, once a second. `applyDelta` merges it. `series` and `attachments`
 * are merged by name, `points` and `demand` by `at`; names that `shown` and `attached` no longer hold are gone.
 */
export interface DashboardDelta extends Partial<Pick<DashboardSnapshot, ReplacedPart>> {
  readonly at: number;
  readonly series?: readonly SeriesDelta[];
  readonly demand?: readonly DemandSlot[];
  readonly attachments?: readonly AttachmentReading[];
}
