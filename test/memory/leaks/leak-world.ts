import type { CollectionListener } from '../../../src/memory/collections.js';
import { type LeakWatchOptions, resolveLeakOptions } from '../../../src/memory/leaks/leak-options.js';
import { LeakProfiler, type ProfileCollection } from '../../../src/memory/leaks/leak-profiler.js';
import type { LeakProfile, LeakReport } from '../../../src/memory/leaks/leak-report.js';
import { LeakWatch } from '../../../src/memory/leaks/leak-watch.js';
import { ToldLeaks } from '../../../src/memory/leaks/told-leaks.js';
import type { MemoryReader } from '../../../src/memory/memory-reader.js';
import { ManualClock } from '../../manual-clock.js';

export const MB = 2 ** 20;

/** A watch on a manual clock, whose reader says what the test says. */
export class LeakWorld {
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly leaks: LeakReport[] = [];
  /** When each was told, from the beginning. */
  readonly toldAtMs: number[] = [];
  readonly profiles: LeakProfile[] = [];
  readonly collections: ProfileCollection[] = [];
  readonly warnings: { what: string; data: object }[] = [];
  readonly troubles: { error: unknown; during: string }[] = [];
  readonly watch: LeakWatch;
  live = 50 * MB;
  external = 2 * MB;
  /** Bytes of the caches that are registered. */
  registered = 0;
  rss = 200 * MB;
  heapLimit = 1_000 * MB;
  memory = 1_400 * MB;
  broken = false;
  /** The system does not say how much memory is resident. */
  isRssBroken = false;
  #listeners: CollectionListener[] = [];
  readonly #startedAt = this.clock.now();

  constructor(options: LeakWatchOptions = {}, maxBytes?: number) {
    const reader = this.#reader();
    const onTrouble = (error: unknown, during: string): void => void this.troubles.push({ error, during });
    this.watch = new LeakWatch({
      ...{ clock: this.clock, reader, onTrouble, told: new ToldLeaks() },
      registeredBytes: () => this.registered,
      profiler: new LeakProfiler({
        ...{ clock: this.clock, reader, intervalMs: 30_000, onTrouble },
        onProfile: (profile) => void this.profiles.push(profile),
        onCollected: (collection) => void this.collections.push(collection),
      }),
      settings: resolveLeakOptions({ profile: false, ...options }),
      maxBytes,
      onCollection: (listener) => {
        this.#listeners.push(listener);
        return () => {
          this.#listeners = this.#listeners.filter((each) => each !== listener);
        };
      },
      onLeak: (report) => {
        this.leaks.push(report);
        this.toldAtMs.push(this.clock.now() - this.#startedAt);
      },
      warn: (what, data) => void this.warnings.push({ what, data }),
    });
  }

  get subscribed(): number {
    return this.#listeners.length;
  }

  /** A collection `ms` later. */
  collect(ms: number, live: number = this.live, kind: 'major' | 'minor' = 'major'): void {
    this.clock.advance(ms);
    this.live = live;
    for (const listener of this.#listeners) listener({ kind, ms: 5, isForced: false });
  }

  /** Collections that are told of in one go, when what is alive has come to `live`. */
  collectTogether(ms: number, count: number, live: number): void {
    this.clock.advance(ms);
    this.live = live;
    for (let i = 1; i <= count; i++) {
      const isOvertaken = i < count && { isOvertaken: true };
      for (const listener of this.#listeners) listener({ kind: 'major', ms: 5, isForced: false, ...isOvertaken });
    }
  }

  /** Collections every `everyMs` for `ms`; what is alive by the time since the beginning. */
  run(ms: number, everyMs: number, live: (atMs: number) => number): void {
    for (let passed = 0; passed + everyMs <= ms; passed += everyMs) {
      this.collect(everyMs, live(this.clock.now() - this.#startedAt + everyMs));
    }
  }

  #reader(): MemoryReader {
    const broken = (): void => {
      if (this.broken) throw new Error('no figures');
    };
    return {
      heap: () => ({
        usedBytes: this.live + 5 * MB,
        committedBytes: this.live + 20 * MB,
        limitBytes: this.heapLimit,
        externalBytes: this.external,
      }),
      oldGenerationBytes: () => {
        broken();
        return this.live;
      },
      rss: () => {
        if (this.isRssBroken) throw new Error('no file descriptors');
        return this.rss;
      },
      limits: {
        readFile: () => undefined,
        totalMemory: () => this.memory,
        constrainedMemory: () => undefined,
        parallelism: () => 1,
        heapLimit: () => this.heapLimit,
      },
      watchCollections: () => () => {},
    };
  }
}
