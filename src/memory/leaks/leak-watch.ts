import type { Clock } from '../../core/clock.js';
import type { Collection, CollectionListener } from '../collections.js';
import type { MemoryReader } from '../memory-reader.js';
import { judgeLeak } from './judge-leak.js';
import type { LeakSettings } from './leak-options.js';
import type { LeakKind, LeakProfile, LeakReport } from './leak-report.js';
import type { LeakVerdict, LeakVerdicts, SeriesVerdict } from './leak-verdict.js';
import { LiveSlots } from './live-slots.js';
import { reportOf } from './report-of.js';

/** What a watch works with. */
export interface LeakWatchParts {
  readonly clock: Clock;
  readonly reader: MemoryReader;
  /** Subscribes to collections. Returns the end of it. */
  onCollection(listener: CollectionListener): () => void;
  readonly settings: LeakSettings;
  /** Memory that the process may take, where an option says so. */
  readonly maxBytes?: number | undefined;
  onLeak(report: LeakReport): void;
  onProfile(profile: LeakProfile): void;
  /** Told of what went wrong behind the host's back. */
  onTrouble(error: unknown, during: string): void;
}

/** A watch for leaks that is under way. */
export interface LeakWatching {
  /** What is thought of heap and buffers at present, and why nothing is reported. Not once a request: it reads limits where there is a leak. */
  verdict(): LeakVerdicts;
  /** Ends the watch, and a profile under way without its result. May be called twice. */
  stop(): void;
}

interface Series {
  readonly slots: LiveSlots;
  /** Judgements in a row that said leak. */
  leaks: number;
  coolUntil: number;
}

/** One judgement may be chance: it is made again with each stretch of the window. */
const LEAKS_TO_TELL = 2;

/**
 * Watches what is alive after each major collection, until it is stopped.
 *
 * What is alive is read off the old generation: garbage that died while the collection was marking is still in it (some Mb under heavy
 * allocation), and so is what was promoted in the turns until the collection is told of, 1 ms as a rule. The whole heap says the same and
 * has the young generation on top, up to 16 Mb more or less. Buffers are let go one major collection late: they are only as fresh as
 * the one before.
 */
export class LeakWatch implements LeakWatching {
  readonly #parts: LeakWatchParts;
  readonly #startedAt: number;
  readonly #series: Readonly<Record<LeakKind, Series>>;
  readonly #end = new AbortController();
  readonly #unsubscribe: () => void;

  constructor(parts: LeakWatchParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    const { windowMs } = parts.settings;
    const series = (): Series => ({ slots: new LiveSlots(windowMs), leaks: 0, coolUntil: Number.NEGATIVE_INFINITY });
    this.#series = { heap: series(), external: series() };
    this.#unsubscribe = parts.onCollection((collection) => this.#look(collection));
  }

  verdict(): LeakVerdicts {
    return { heap: this.#verdict('heap'), external: this.#verdict('external') };
  }

  stop(): void {
    this.#unsubscribe();
    this.#end.abort();
  }

  #look({ kind }: Collection): void {
    if (kind !== 'major' || this.#end.signal.aborted) return;
    const { clock, reader, settings } = this.#parts;
    try {
      const now = clock.now();
      if (now - this.#startedAt < settings.warmUpMs) return;
      if (this.#series.external.slots.add(now, reader.heap().externalBytes)) this.#consider('external', now);
      if (this.#series.heap.slots.add(now, reader.oldGenerationBytes())) this.#consider('heap', now);
    } catch (error) {
      this.#parts.onTrouble(error, 'a look for leaks');
    }
  }

  #consider(what: LeakKind, now: number): void {
    const series = this.#series[what];
    const judged = this.#judge(what, now);
    series.leaks = judged.kind === 'leak' ? series.leaks + 1 : 0;
    if (judged.kind !== 'leak' || series.leaks < LEAKS_TO_TELL || now < series.coolUntil) return;
    series.coolUntil = now + this.#parts.settings.cooldownMs;
    this.#parts.onLeak(reportOf(what, judged.trend, this.#parts));
    // A buffer's bytes are none of the heap's: what a profile of the heap shows has nothing to do with them.
    if (what === 'heap') void this.#profile();
  }

  #verdict(what: LeakKind): LeakVerdict {
    const judged = this.#judge(what, this.#parts.clock.now());
    return judged.kind === 'leak' ? { kind: 'leak', report: reportOf(what, judged.trend, this.#parts) } : judged;
  }

  #judge(what: LeakKind, now: number): SeriesVerdict {
    const { window, before } = this.#series[what].slots.read(now);
    const heapAtFirst = this.#series.heap.slots.read(now).window[0]?.value ?? 0;
    return judgeLeak(window, this.#parts.settings, { before, besides: what === 'external' ? heapAtFirst : 0 });
  }

  async #profile(): Promise<void> {
    const { clock, settings, onProfile, onTrouble } = this.#parts;
    if (settings.profileMs === undefined) return;
    try {
      // Not before there is one to take: few hosts ever need it.
      const { takeLeakProfile } = await import('./leak-profile.js');
      const profile = await takeLeakProfile(clock, settings.profileMs, this.#end.signal);
      if (profile) onProfile(profile);
    } catch (error) {
      onTrouble(error, 'the heap profile of a leak');
    }
  }
}
