import { endWhenCollected } from '../core/calls/abandoned-calls.js';
import { isObject, isPlainPromise } from '../core/calls/thenable.js';
import { watchedCall } from '../core/calls/watched-call.js';
import type { Clock } from '../core/clock.js';
import { collectAll } from './call-collection.js';
import type { CallMemory } from './call-memory.js';
import { CallOverlap } from './call-overlap.js';
import type { CallSettings } from './call-settings.js';
import { type CallTotal, CallTotals } from './call-totals.js';
import { type CallTroubles, tellTrouble } from './call-troubles.js';
import { CallUnderWay } from './call-under-way.js';
import type { CollectionWatch } from './collection-watch.js';
import type { MemoryReader } from './memory-reader.js';

/** What calls are measured with. */
export interface CallMeterParts extends CallTroubles {
  readonly clock: Pick<Clock, 'now'>;
  readonly reader: Pick<MemoryReader, 'heap' | 'rss'>;
  readonly collections: Pick<CollectionWatch, 'isWatching' | 'majors'>;
  /** Collects the whole heap before it returns. Whether it could. */
  collectNow(): boolean;
  /** Whether somebody listens for `onCall`. */
  wants(): boolean;
  onCall(report: CallMemory): void;
  /** For the log, once a minute of each kind. */
  warn(what: string, data: object): void;
}

/** What a meter knows of all calls. */
export interface CallMeterStats {
  /** Calls that have begun and not ended: while there are any, what begins and waits is overlapped. */
  readonly running: number;
  readonly byName: readonly CallTotal[];
}

/** Measures memory before and after calls, and says whose the differences are. */
export class CallMeter {
  readonly #parts: CallMeterParts;
  readonly #overlap = new CallOverlap();
  readonly #totals = new CallTotals();
  #isWithoutCollector = false;

  constructor(parts: CallMeterParts) {
    this.#parts = parts;
  }

  /** Runs the call. What it answers or throws goes through untouched; trouble in measuring is told, and the call goes on. */
  measure<R>(name: string, settings: CallSettings, call: () => R): R {
    const isCollected = settings.retained && this.#overlap.running === 0 && this.#collect();
    const one = new CallUnderWay({
      name,
      settings,
      isCollected,
      parts: this.#parts,
      overlap: this.#overlap,
      totals: this.#totals,
    });
    one.begin();
    const answer = watchedCall(one, call, undefined) as R;
    if (one.isOver) return answer;
    one.returned();
    // Streams and thenables are seen to by what watches them.
    if (isObject(answer) && isPlainPromise(answer)) endWhenCollected(answer, one.abandonment(), one);
    return answer;
  }

  stats(): CallMeterStats {
    return { running: this.#overlap.running, byName: this.#totals.list() };
  }

  #collect(): boolean {
    const isCollected = collectAll(this.#parts);
    if (!isCollected && !this.#isWithoutCollector) {
      this.#isWithoutCollector = true;
      this.#tellOfNone();
    }
    return isCollected;
  }

  #tellOfNone(): void {
    try {
      this.#parts.warn("no garbage collector for 'retained': start with --expose-gc or set gc: 'high'", {});
    } catch (error) {
      tellTrouble(this.#parts, error, 'a warning');
    }
  }
}
