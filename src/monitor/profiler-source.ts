import type { Clock } from '../core/clock.js';
import type { Duration } from '../core/duration.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import type { Metadata } from './exemplar.js';
import type { MonitorReader } from './monitor-reader.js';
import type { ProfileEntry } from './profiling/profile-entry.js';
import {
  type ProfileOnBreach,
  type ProfileOptions,
  type ResolvedProfileOnBreach,
  resolveProfileOnBreach,
  resolveProfileOptions,
} from './profiling/profile-options.js';
import type { ProfileResult, Profiler } from './profiling/profiler.js';

/** What is asked for beside the duration. */
export interface ProfileRequest {
  /** Time by function (`'cpu'`, the default) or allocations by function (`'heap'`). */
  readonly kind?: 'cpu' | 'heap';
  /** Ends it early: what was gathered is dropped, the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What makes profiles for a monitor. */
export interface ProfilerSourceParts {
  readonly options: ProfileOptions | undefined;
  readonly onBreach: ProfileOnBreach | undefined;
  /** The targets there are. */
  readonly targets: readonly string[];
  readonly clock: Clock;
  onMark(name: string, metadata: Metadata): void;
  onTrouble(error: unknown, during: string): void;
}

const REQUEST_NAMES: readonly string[] = ['kind', 'signal'];
/** Targets are judged over whole windows: looking at them more often finds nothing new. */
const LOOK_EVERY_MS = 5_000;

/** The profiler of a monitor, loaded when the first profile is made; and what of a breach starts one. */
export class ProfilerSource {
  readonly #parts: ProfilerSourceParts;
  readonly #breach: ResolvedProfileOnBreach | undefined;
  #loading: Promise<Profiler> | undefined;
  #profiler: Profiler | undefined;
  #nextLook = 0;
  #isClosed = false;

  /** @throws InvalidOptionError for bad options: they are checked at once */
  constructor(parts: ProfilerSourceParts) {
    this.#parts = parts;
    const options = resolveProfileOptions(parts.options);
    this.#breach = parts.onBreach && resolveProfileOnBreach(parts.onBreach, parts.targets, options);
  }

  async profile(duration: Duration, request: ProfileRequest): Promise<ProfileResult> {
    checkOptions('options', request);
    checkNames('', request, REQUEST_NAMES);
    const profiler = await this.#load();
    if (this.#isClosed) await profiler.close();
    return profiler.profile(duration, request);
  }

  list(): readonly ProfileEntry[] {
    return this.#profiler?.list() ?? [];
  }

  /** Starts a profile when one of the chosen targets is missed, or a critical alert fires. */
  consider(reader: Pick<MonitorReader, 'targets' | 'alerts' | 'now'>): void {
    const breach = this.#breach;
    const now = reader.now();
    if (!breach || this.#isClosed || now < this.#nextLook) return;
    this.#nextLook = now + LOOK_EVERY_MS;
    const reason = reasonOf(breach, reader);
    if (reason === undefined) return;
    this.#load().then(
      (profiler) => profiler.breach(reason.text, breach.kindFor(reason.target), breach.durationMs),
      (error: unknown) => this.#parts.onTrouble(error, 'loading the profiler'),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#loading?.catch(() => undefined))?.close();
  }

  /** Loaded ahead, the first profile starts at once. */
  async ready(): Promise<void> {
    await this.#load();
  }

  #load(): Promise<Profiler> {
    this.#loading ??= import('./profiling/profiler.js').then(({ Profiler }) => {
      const { options = {}, clock, onMark, onTrouble } = this.#parts;
      this.#profiler = new Profiler({ options, clock, onMark, onTrouble });
      return this.#profiler;
    });
    return this.#loading;
  }
}

function reasonOf(
  { targets, alert }: ResolvedProfileOnBreach,
  reader: Pick<MonitorReader, 'targets' | 'alerts'>,
): { text: string; target?: string } | undefined {
  if (targets.size > 0) {
    for (const [target, { met }] of Object.entries(reader.targets())) {
      if (met === false && targets.has(target)) return { text: `target ${target} missed`, target };
    }
  }
  if (!alert) return undefined;
  const firing = reader.alerts().find(({ state, severity }) => state === 'firing' && severity === 'critical');
  return firing && { text: `alert ${firing.name}` };
}
