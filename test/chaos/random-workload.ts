import type { LoaderContext } from '../../src/cache/index.js';
import { SeededRandom } from '../random.js';
import { type ChaosNode, keyOf, pause } from './chaos-node.js';
import { ReadLog } from './read-log.js';
import { monotonicUs } from './shared-rows.js';

/** Rows that anybody writes, telling the cache afterwards by an invalidation. */
export const LOADED_ROWS = 8;
/** After those, one row for each node that it alone writes, telling the cache by `set`. */
export const MOST_NODES = 4;
export const ROWS: number = LOADED_ROWS + MOST_NODES;

const ALL: readonly number[] = Array.from({ length: ROWS }, (_, row) => row);
const TAGS: readonly string[] = ['t:0', 't:1', 't:2', 'odd', 'even'];

/** The tags that the values of a row depend on. */
export function tagsOf(row: number): string[] {
  return [`t:${row % 3}`, row % 2 === 0 ? 'even' : 'odd'];
}

/** A token, with the version of every row at the moment before its invalidation. */
export interface SharedToken {
  readonly token: string;
  readonly floors: readonly number[];
}

/**
 * Storms, in which some of the nodes change things all the time, and calms, in which all of them only read: where every row is
 * invalidated at every moment by everybody, a change that never reached a node would not show.
 */
export const STORM_MS = 1_000;
export const CALM_MS = 1_400;

export interface Workload {
  readonly seed: number;
  readonly forMs: number;
  /** When it began, by the monotonic clock: all nodes have storm and calm at the same time. */
  readonly beganUs: number;
  /** Which of the owned rows is this node's: 0 to 3. */
  readonly owner: number;
  /** Operations under way at once. @default 6 */
  readonly concurrency?: number;
}

/** One change of the cache: every later read of `rows` has to see at least `floors`. */
export interface Change {
  readonly how: string;
  /** When it was resolved, by the monotonic clock. */
  readonly resolvedUs: number;
  readonly rows: readonly number[];
  /** In the order of `rows`. */
  readonly floors: readonly number[];
  /** What the shared tier knew of it then. */
  readonly remote: 'done' | 'queued';
}

/** What a node did and saw. */
export interface History {
  /** Columns of {@link ReadLog}. */
  readonly reads: Float64Array;
  readonly changes: readonly Change[];
  /** Operations that were rejected. */
  readonly errors: readonly string[];
  readonly loads: number;
}

/** Random operations on a node for a while; what came of them. `tokens` is where those of other nodes arrive. */
export async function runWorkload(
  node: ChaosNode,
  workload: Workload,
  tokens: SharedToken[],
  share: (token: SharedToken) => void,
): Promise<History> {
  const run = new RandomWorkload(node, workload, tokens, share);
  await run.run(workload.forMs, workload.concurrency ?? 6);
  return run.history();
}

class RandomWorkload {
  readonly #node: ChaosNode;
  readonly #random: SeededRandom;
  readonly #own: number;
  readonly #tokens: SharedToken[];
  readonly #share: (token: SharedToken) => void;
  readonly #log = new ReadLog();
  readonly #changes: Change[] = [];
  readonly #errors = new Set<string>();
  readonly #loadsBefore: number;
  /** What reads of this node that begin now must at least see. */
  readonly #floors: number[] = ALL.map(() => 0);
  readonly #beganUs: number;
  /** Sets of one row one after the other, as of any host that means its last one to count. */
  #setting: Promise<void> = Promise.resolve();

  constructor(node: ChaosNode, workload: Workload, tokens: SharedToken[], share: (token: SharedToken) => void) {
    this.#node = node;
    this.#random = new SeededRandom(workload.seed);
    this.#own = LOADED_ROWS + workload.owner;
    this.#beganUs = workload.beganUs;
    this.#tokens = tokens;
    this.#share = share;
    this.#loadsBefore = node.loads;
  }

  async run(forMs: number, concurrency: number): Promise<void> {
    const end = performance.now() + forMs;
    const loop = async (): Promise<void> => {
      while (performance.now() < end) {
        await this.#step().catch((error) => this.#errors.add(`${error}`));
        const dice = this.#random.next();
        if (dice < 0.3) await pause(this.#random.below(6));
        else if (dice < 0.5) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, loop));
    await this.#setting;
  }

  history(): History {
    const loads = this.#node.loads - this.#loadsBefore;
    return { reads: this.#log.columns(), changes: this.#changes, errors: [...this.#errors], loads };
  }

  #step(): Promise<void> {
    const dice = this.#random.next() * (this.#storms() ? 1 : 0.8);
    if (dice < 0.62) return this.#read();
    if (dice < 0.72) return this.#readMany();
    if (dice < 0.8) return this.#get();
    if (dice < 0.86) return this.#set();
    return this.#invalidate();
  }

  /** Which storm and calm it is, from 0. */
  #round(): { readonly number: number; readonly calm: boolean } {
    const elapsedMs = (monotonicUs() - this.#beganUs) / 1000;
    const number = Math.floor(elapsedMs / (STORM_MS + CALM_MS));
    return { number, calm: elapsedMs % (STORM_MS + CALM_MS) >= STORM_MS };
  }

  /** Whether this node is one of those that make the present storm. Every second one is, another half in each. */
  #storms(): boolean {
    const { number, calm } = this.#round();
    return !calm && ((this.#own >> (number % 2)) & 1) === 0;
  }

  #row(): number {
    return this.#random.below(ROWS);
  }

  /** Some tags are named by the call, the rest by the loader at its end. */
  #split(row: number): { tags: string[]; lateTags: string[] } {
    const tags = tagsOf(row).filter(() => this.#random.chance(0.5));
    return { tags, lateTags: tagsOf(row).filter((tag) => !tags.includes(tag)) };
  }

  /** Whether reads may do what hides a lost change: bring a token, or load anew. They may in every second round. */
  #hides(): boolean {
    return this.#round().number % 2 === 1;
  }

  #after(): SharedToken | undefined {
    if (!this.#hides()) return undefined;
    return this.#random.chance(0.25)
      ? this.#tokens.at(-1 - this.#random.below(Math.min(3, this.#tokens.length)))
      : undefined;
  }

  #delayMs(): number {
    return this.#random.chance(0.4) ? 0 : this.#random.below(30);
  }

  async #read(): Promise<void> {
    const row = this.#row();
    const given = this.#after();
    const mode = this.#hides() && this.#random.chance(0.05) ? 'refresh' : 'default';
    const delayMs = this.#delayMs();
    const seen = this.#log.begin([row], this.#floors, given?.floors, 'getOrSet');
    const after = given && { after: given.token };
    seen([await this.#node.read({ row, mode, delayMs, ...this.#split(row), ...after })]);
  }

  async #get(): Promise<void> {
    const row = this.#row();
    const seen = this.#log.begin([row], this.#floors, undefined, 'get');
    seen([await this.#node.cache.get(keyOf(row))]);
  }

  async #readMany(): Promise<void> {
    const rows = ALL.filter(() => this.#random.chance(0.35));
    const given = this.#after();
    const delayMs = this.#delayMs();
    const seen = this.#log.begin(rows, this.#floors, given?.floors, 'getOrSetMany');
    const load = (missing: readonly string[], context: Pick<LoaderContext, 'tag'>): Promise<number[]> => {
      // In the order of `missing`, which need not be that of the call.
      const wanted = missing.map((key) => Number(key.slice(2)));
      const tags = [...new Set(wanted.flatMap(tagsOf))];
      return Promise.all(wanted.map((row) => this.#node.load(row, delayMs, context, tags)));
    };
    const values = await this.#node.cache.getOrSetMany(rows.map(keyOf), load, given && { after: given.token });
    seen(rows.map((row) => values.get(keyOf(row))));
  }

  #set(): Promise<void> {
    const row = this.#own;
    this.#setting = this.#setting.then(async () => {
      const version = this.#node.rows.write(row);
      await this.#node.cache.set(keyOf(row), version, { tags: tagsOf(row) });
      this.#changed('set', [row], [version], 'done');
    });
    return this.#setting;
  }

  async #invalidate(): Promise<void> {
    const { cache, rows: database } = this.#node;
    const row = this.#row();
    const key = keyOf(row);
    const tag = this.#random.pick(TAGS);
    const how = this.#random.pick(['delete', 'delete', 'tag', 'tag', 'tag', 'prefix', 'glob', 'clear'] as const);
    const covered = ALL.filter((other) => {
      if (how === 'delete') return other === row;
      if (how === 'tag') return tagsOf(other).includes(tag);
      if (how === 'prefix') return keyOf(other)[0] === key[0];
      return how === 'clear' || keyOf(other).endsWith(key.slice(1));
    });
    for (const other of covered) if (other < LOADED_ROWS) database.write(other);
    const all = ALL.map((other) => database.read(other));
    const result = await (how === 'delete'
      ? cache.delete(key)
      : how === 'tag'
        ? cache.invalidateTags([tag])
        : how === 'clear'
          ? cache.clear()
          : cache.invalidate(how === 'prefix' ? `${key[0]}*` : `*${key.slice(1)}`));
    this.#changed(
      how === 'tag' ? tag : `${how} ${key}`,
      covered,
      covered.map((other) => all[other]!),
      result.remote,
    );
    const shared = { token: result.token, floors: all };
    this.#tokens.push(shared);
    this.#share(shared);
  }

  #changed(how: string, rows: readonly number[], floors: readonly number[], remote: 'done' | 'queued'): void {
    this.#changes.push({ how, resolvedUs: monotonicUs(), rows, floors, remote });
    for (const [i, row] of rows.entries()) this.#floors[row] = Math.max(this.#floors[row]!, floors[i]!);
  }
}
