import type { Clock } from '../../core/clock.js';
import type { Collection, CollectionListener } from '../collections.js';
import type { MemoryReader } from '../memory-reader.js';
import { judgeLeak } from './judge-leak.js';
import type { LeakSettings } from './leak-options.js';
import type { LeakProfiler } from './leak-profiler.js';
import type { LeakKind, LeakReport } from './leak-report.js';
import type { LeakVerdict, LeakVerdicts, SeriesVerdict } from './leak-verdict.js';
import { LiveSlots } from './live-slots.js';
import { bytesLeft, liveBytes, reportOf } from './report-of.js';
import type { ToldLeaks } from './told-leaks.js';

/** What a watch works with. */
export interface LeakWatchParts {
  readonly clock: Clock;
  readonly reader: MemoryReader;
  /** Subscribes to collections. Returns the end of it. */
  onCollection(listener: CollectionListener): () => void;
  readonly settings: LeakSettings;
  /** Memory that the process may take, where an option says so. */
  readonly maxBytes?: number | undefined;
  /** Bytes that what is registered says it holds. */
  registeredBytes(): number;
  /** Shared by all watches of a manager, as they look at the same memory. */
  readonly told: ToldLeaks;
  readonly profiler: LeakProfiler;
  onLeak(report: LeakReport): void;
  /** For the log. */
  warn(what: string, data: object): void;
  /** Told of what went wrong behind the host's back. */
  onTrouble(error: unknown, during: string): void;
}

/** A watch for leaks that is under way. */
export interface LeakWatching {
  /**
   * What is thought of heap and buffers at present, and why nothing is reported. Not once a request: it judges some hundred figures, and reads limits
   * where they rise. Of a leak it throws what the system does where memory cannot be read.
   */
  verdict(): LeakVerdicts;
  /** Ends the watch, and a profile that it has started without its result. May be called twice. */
  stop(): void;
}

interface Series {
  readonly slots: LiveSlots;
  /** Judgements in a row that said leak. */
  leaks: number;
}

/** One judgement may be chance: it is made again with each stretch of the window. */
const LEAKS_TO_TELL = 2;
/** After so many windows without a judgement it is said that there is none. */
const WINDOWS_TO_WARN = 3;

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
  #judgedAt: number;
  #inDoubtMs = 0;
  #hasWarned = false;

  constructor(parts: LeakWatchParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    const { windowMs, warmUpMs } = parts.settings;
    this.#judgedAt = this.#startedAt + warmUpMs;
    const series = (): Series => ({ slots: new LiveSlots(windowMs), leaks: 0 });
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

  #look({ kind, isOvertaken }: Collection): void {
    if (kind !== 'major' || isOvertaken || this.#end.signal.aborted) return;
    const { clock, settings } = this.#parts;
    const now = clock.now();
    if (now - this.#startedAt < settings.warmUpMs) return;
    this.#add('external', now);
    this.#add('heap', now);
  }

  #add(what: LeakKind, now: number): void {
    const { reader, registeredBytes, onTrouble } = this.#parts;
    try {
      if (this.#series[what].slots.add(now, liveBytes(what, reader), registeredBytes())) this.#consider(what, now);
    } catch (error) {
      onTrouble(error, 'a look for leaks');
    }
  }

  #consider(what: LeakKind, now: number): void {
    const { settings, told, profiler, onLeak } = this.#parts;
    const series = this.#series[what];
    const judged = this.#judge(what, now);
    if (what === 'heap') this.#noteDoubt(judged, now);
    series.leaks = judged.kind === 'leak' ? series.leaks + 1 : 0;
    if (judged.kind !== 'leak' || series.leaks < LEAKS_TO_TELL) return;
    if (told.isRecent(what, now, settings.cooldownMs)) return;
    onLeak(reportOf(what, judged.trend, this.#parts));
    // Not before: a report that could not be made is made with the next stretch.
    told.note(what, now);
    // A buffer's bytes are none of the heap's: what a profile of the heap shows has nothing to do with them.
    if (what === 'heap' && settings.profileMs !== undefined) void profiler.take(settings.profileMs, this.#end.signal);
  }

  /** Nobody would know that nothing is watched. */
  #noteDoubt(judged: SeriesVerdict, now: number): void {
    const { settings, warn } = this.#parts;
    // Of a time without any collection, as while the mode is off, at most a window counts.
    const passed = Math.min(Math.max(0, now - this.#judgedAt), settings.windowMs);
    this.#judgedAt = now;
    this.#inDoubtMs = judged.kind === 'insufficient' ? this.#inDoubtMs + passed : 0;
    if (this.#hasWarned || this.#inDoubtMs < WINDOWS_TO_WARN * settings.windowMs) return;
    this.#hasWarned = true;
    const { windowMs, minPoints } = settings;
    warn('too few major collections so far to see a leak: watch with a longer window', {
      ...judged,
      windowMs,
      minPoints,
    });
  }

  #verdict(what: LeakKind): LeakVerdict {
    const judged = this.#judge(what, this.#parts.clock.now());
    return judged.kind === 'leak' ? { kind: 'leak', report: reportOf(what, judged.trend, this.#parts) } : judged;
  }

  #judge(what: LeakKind, now: number): SeriesVerdict {
    const { window, before, outline } = this.#series[what].slots.read(now);
    const heapAtFirst = this.#series.heap.slots.read(now).window[0]?.value ?? 0;
    const besides = what === 'external' ? heapAtFirst : 0;
    const left = (): number => bytesLeft(what, this.#parts);
    return judgeLeak(window, this.#parts.settings, { before, outline, besides, left });
  }
}
