import { CacheManager, type LoaderContext } from '../../src/cache/index.js';
import { ManualClock } from '../manual-clock.js';
import type { SeededRandom } from '../random.js';

/** Every key with the tags its values depend on. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  'a:1': ['red'],
  'a:2': ['red', 'blue'],
  'b:1': ['blue'],
  'b:2': [],
};
const NAMES = Object.keys(KEYS);

interface PendingLoad {
  readonly keys: readonly string[];
  /** What the source held when the load read it. */
  readonly values: readonly number[];
  readonly startedAt: number;
  readonly context: Pick<LoaderContext, 'tag'>;
  lateTags: string[];
  finish(): void;
  fail(): void;
}

/**
 * A cache in front of a source that changes, and a model of what may be read. The source holds a number for each key that
 * only goes up; `floor` is the number that a read beginning now must at least see.
 */
export class HistoryWorld {
  readonly clock: ManualClock = new ManualClock();
  readonly cache: CacheManager<number>;
  readonly trace: string[] = [];
  readonly failures: string[] = [];
  reads = 0;
  loads = 0;
  fenced = 0;
  readonly #random: SeededRandom;
  readonly #source = new Map<string, number>(NAMES.map((name) => [name, 1]));
  readonly #floor = new Map<string, number>(NAMES.map((name) => [name, 1]));
  /** Logical time: goes up with each step. */
  #step = 0;
  readonly #invalidatedAt = new Map<string, number>();
  readonly #pending: PendingLoad[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
    this.cache = new CacheManager<number>({
      clock: this.clock,
      random: () => random.next(),
      ttl: 100,
      stale: random.chance(0.5) ? 200 : 0,
      jitter: 0,
      memory: { policy: random.chance(0.5) ? 'lru' : 'cost', maxEntries: 100 },
      loader: {
        backoff: 10,
        ...(random.chance(0.3) && { hardDeadline: 150 }),
        ...(random.chance(0.3) && { softDeadline: 40 }),
      },
    });
  }

  step(): void {
    this.#step++;
    const r = this.#random;
    const dice = r.next();
    if (dice < 0.34) this.#read(r.pick(NAMES));
    else if (dice < 0.4) this.#readMany();
    else if (dice < 0.62) this.#endLoad(r.chance(0.85));
    else if (dice < 0.68) this.#tagLate();
    else if (dice < 0.76) this.clock.advance(r.pick([0, 1, 30, 60, 120]));
    else this.#change();
    this.#checkMemory();
  }

  /** Ends all loads, so that every read settles. */
  finish(): void {
    while (this.#pending.length > 0) this.#endLoad(true);
  }

  #read(key: string): void {
    const floor = this.#floor.get(key)!;
    const startedAt = this.#step;
    const mode = this.#random.pick(['default', 'default', 'default', 'default', 'refresh', 'bypass'] as const);
    this.#note(`read ${key} (${mode}) floor ${floor}`);
    const tags = this.#earlyTags(key);
    this.cache
      .getOrSet(key, (context) => this.#load([key], context, tags).then((values) => values[0]!), { cache: mode, tags })
      .then(
        (value) => this.#saw(`read of ${key} begun at step ${startedAt}`, value, floor),
        (error: Error) => this.#rejected(error),
      );
  }

  #readMany(): void {
    const keys = NAMES.filter(() => this.#random.chance(0.6));
    const floors = keys.map((key) => this.#floor.get(key)!);
    this.#note(`read many ${keys.join(' ')}`);
    // The tags of a batch hold for all of its keys: all are named late, where they can be told apart.
    this.cache
      .getOrSetMany(keys, (missing, context) => this.#load(missing, context, []))
      .then(
        (values) => {
          for (const [i, key] of keys.entries()) this.#saw(`batch read of ${key}`, values.get(key) ?? 0, floors[i]!);
        },
        (error: Error) => this.#rejected(error),
      );
  }

  #earlyTags(key: string): string[] {
    return KEYS[key]!.filter(() => this.#random.chance(0.5));
  }

  /** Reads the source at once and answers when the schedule says so. */
  #load(keys: readonly string[], context: Pick<LoaderContext, 'tag'>, early: readonly string[]): Promise<number[]> {
    this.loads++;
    const values = keys.map((key) => this.#source.get(key)!);
    const all = new Set(keys.flatMap((key) => KEYS[key]!));
    const lateTags = [...all].filter((tag) => !early.includes(tag));
    return new Promise((resolve, reject) => {
      this.#note(`  loads ${keys.join(' ')} = ${values.join(' ')}`);
      this.#pending.push({
        keys,
        values,
        context,
        lateTags,
        startedAt: this.#step,
        finish: () => resolve([...values]),
        fail: () => reject(new Error('source down')),
      });
    });
  }

  #tagLate(): void {
    const load = this.#pending.length > 0 ? this.#random.pick(this.#pending) : undefined;
    const tag = load?.lateTags.pop();
    if (tag === undefined) return;
    this.#note(`tag ${tag} named by the load of ${load!.keys.join(' ')}`);
    load!.context.tag(tag);
  }

  #endLoad(well: boolean): void {
    if (this.#pending.length === 0) return;
    const [load] = this.#pending.splice(this.#random.below(this.#pending.length), 1) as [PendingLoad];
    load.context.tag(...load.lateTags);
    this.#note(`load of ${load.keys.join(' ')} = ${load.values.join(' ')} ${well ? 'ends' : 'fails'}`);
    if (well) load.finish();
    else load.fail();
  }

  /** The source changes, and the cache is told in one of the ways there are. */
  #change(): void {
    const r = this.#random;
    const key = r.pick(NAMES);
    const how = r.pick(['delete', 'tag', 'prefix', 'glob', 'clear', 'set', 'soft', 'late-delete']);
    const tag = r.pick(['red', 'blue', 'green']);
    const covered: readonly string[] =
      how === 'tag'
        ? NAMES.filter((name) => KEYS[name]!.includes(tag))
        : how === 'prefix'
          ? NAMES.filter((name) => name.startsWith(key[0]!))
          : how === 'glob'
            ? NAMES.filter((name) => name.endsWith(key[2]!))
            : how === 'clear'
              ? NAMES
              : [key];
    for (const name of covered) this.#source.set(name, this.#source.get(name)! + 1);
    this.#note(`change ${covered.join(' ')} by ${how}${how === 'tag' ? ` ${tag}` : ''}`);
    if (how === 'soft') {
      void this.cache.invalidateTags([tag], { soft: true });
      return;
    }
    if (how === 'delete' || how === 'late-delete') void this.cache.delete(key);
    else if (how === 'tag') void this.cache.invalidateTags([tag]);
    else if (how === 'prefix') void this.cache.invalidate(`${key[0]}*`);
    else if (how === 'glob') void this.cache.invalidate(`*:${key[2]}`);
    else if (how === 'clear') void this.cache.clear();
    else void this.cache.set(key, this.#source.get(key)!, { tags: KEYS[key]! });
    for (const name of covered) {
      this.#floor.set(name, this.#source.get(name)!);
      this.#invalidatedAt.set(name, this.#step);
    }
  }

  /** Whatever is in memory, fresh or stale, must not be older than the last invalidation. */
  #checkMemory(): void {
    for (const key of NAMES) {
      const value = this.cache.peek<number>(key);
      if (value !== undefined) this.#saw(`peek of ${key}`, value, this.#floor.get(key)!);
    }
  }

  #saw(what: string, value: number, floor: number): void {
    this.reads++;
    if (value >= floor) return;
    this.failures.push(`${what} gave ${value}, at least ${floor} was due`);
    this.#note(`  !! ${this.failures.at(-1)}`);
  }

  #rejected(error: Error): void {
    this.reads++;
    if (error.message === 'source down' || error.name === 'LoaderDeadlineError') return;
    this.failures.push(`a read was rejected with ${error.stack}`);
  }

  #note(line: string): void {
    this.trace.push(`${this.#step}: ${line}`);
  }
}
