import type { CollectionListener } from '../../../src/memory/collections.js';
import { type LeakWatchOptions, resolveLeakOptions } from '../../../src/memory/leaks/leak-options.js';
import type { LeakProfile, LeakReport } from '../../../src/memory/leaks/leak-report.js';
import { LeakWatch } from '../../../src/memory/leaks/leak-watch.js';
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
  readonly troubles: { error: unknown; during: string }[] = [];
  readonly watch: LeakWatch;
  live = 50 * MB;
  external = 2 * MB;
  rss = 200 * MB;
  heapLimit = 1_000 * MB;
  memory = 2_000 * MB;
  broken = false;
  #listeners: CollectionListener[] = [];
  readonly #startedAt = this.clock.now();

  constructor(options: LeakWatchOptions = {}, maxBytes?: number) {
    this.watch = new LeakWatch({
      clock: this.clock,
      reader: this.#reader(),
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
      onProfile: (profile) => void this.profiles.push(profile),
      onTrouble: (error, during) => void this.troubles.push({ error, during }),
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
      rss: () => this.rss,
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
