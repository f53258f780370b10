import { readableText } from './cache-key.js';
import { prefixMayMatch } from './glob.js';

/** What an entry or a flight depends on, and the sequence at which its loading began. */
export interface Dependent {
  readonly key: string;
  readonly tags: readonly string[] | undefined;
  readonly since: number;
}

/** Why a dependent is no longer valid. */
export type InvalidatedBy = 'tag' | 'invalidated';

/** The newest version of each name that was invalidated. Merged by the greater, so that replays and reordering do no harm. */
class Versions {
  readonly tags = new Map<string, number>();
  readonly prefixes = new Map<string, number>();
  /** The lengths that prefixes have: a key is asked once per length, however many prefixes there are. */
  #lengths = new Set<number>();

  setTag(tag: string, version: number): void {
    if (version > (this.tags.get(tag) ?? 0)) this.tags.set(tag, version);
  }

  setPrefix(prefix: string, version: number): void {
    if (version > (this.prefixes.get(prefix) ?? 0)) this.prefixes.set(prefix, version);
    this.#lengths.add(prefix.length);
  }

  newestTag(tags: readonly string[] | undefined): number {
    let newest = 0;
    if (!tags || this.tags.size === 0) return newest;
    for (const tag of tags) newest = Math.max(newest, this.tags.get(tag) ?? 0);
    return newest;
  }

  newestPrefix(key: string): number {
    let newest = 0;
    if (this.prefixes.size === 0) return newest;
    const { text, whole } = readableText(key);
    for (const length of this.#lengths) {
      if (length <= text.length) newest = Math.max(newest, this.prefixes.get(text.slice(0, length)) ?? 0);
    }
    if (whole) return newest;
    // Of a hashed key only the start is known: a longer prefix counts when it may fit.
    for (const [prefix, version] of this.prefixes) {
      if (version > newest && prefixMayMatch(text, prefix)) newest = version;
    }
    return newest;
  }

  forgetUpTo(version: number): void {
    for (const map of [this.tags, this.prefixes]) {
      for (const [name, v] of map) if (v <= version) map.delete(name);
    }
    this.#lengths = new Set([...this.prefixes.keys()].map((prefix) => prefix.length));
  }
}

/**
 * The one rule of validity. Every invalidation takes the next number of one sequence and writes it as the version of what it
 * invalidates; an entry is valid only if every version it depends on is at most its `since`, the sequence when its loading
 * began. So whatever a loader read before an invalidation is known to be old, however late it arrives.
 *
 * The sequence is microseconds since the epoch, or one more than the last where the clock did not move: it survives a
 * restart and compares with numbers of other processes.
 */
export class InvalidationBook {
  /** Goes up with every invalidation of a tag, a prefix or all: what was found valid at this epoch still is. */
  epoch = 0;
  #last: number;
  #cleared = 0;
  readonly #hard = new Versions();
  readonly #soft = new Versions();

  constructor(nowMs: number) {
    this.#last = Math.floor(nowMs * 1000);
  }

  /** The sequence as it stands: the `since` of what starts to load now. */
  get current(): number {
    return this.#last;
  }

  /** Takes the next number. */
  next(nowMs: number): number {
    this.#last = Math.max(Math.floor(nowMs * 1000), this.#last + 1);
    return this.#last;
  }

  /** Moves on to a number taken elsewhere, so that what loads from now on counts as newer. */
  merge(version: number): void {
    this.#last = Math.max(this.#last, version);
  }

  invalidateTags(tags: readonly string[], version: number, soft: boolean): void {
    const versions = soft ? this.#soft : this.#hard;
    for (const tag of tags) versions.setTag(tag, version);
    this.epoch++;
  }

  invalidatePrefix(prefix: string, version: number, soft: boolean): void {
    (soft ? this.#soft : this.#hard).setPrefix(prefix, version);
    this.epoch++;
  }

  clear(version: number): void {
    this.#cleared = Math.max(this.#cleared, version);
    this.epoch++;
  }

  /** Everything up to here is invalid. */
  get floor(): number {
    return this.#cleared;
  }

  tagVersion(tag: string): number {
    return this.#hard.tags.get(tag) ?? 0;
  }

  /** What has made the dependent invalid, if anything has. `since` may be given in another sequence than the dependent's own. */
  invalidatedBy(dependent: Dependent, since: number = dependent.since): InvalidatedBy | undefined {
    const { key, tags } = dependent;
    if (this.#cleared > since) return 'invalidated';
    if (this.#hard.newestTag(tags) > since) return 'tag';
    return this.#hard.newestPrefix(key) > since ? 'invalidated' : undefined;
  }

  /** The version of the newest soft invalidation after the dependent's `since`, 0 if there is none. */
  softenedAt(dependent: Dependent, since: number = dependent.since): number {
    const { key, tags } = dependent;
    const newest = Math.max(this.#soft.newestTag(tags), this.#soft.newestPrefix(key));
    return newest > since ? newest : 0;
  }

  /** The names with a version above a number, with their kind in front: `t` a tag, `p` a prefix, `T` and `P` softly. */
  namesAfter(version: number): string[] {
    const names: string[] = [];
    const collect = (kind: string, map: ReadonlyMap<string, number>): void => {
      for (const [name, v] of map) if (v > version) names.push(kind + name);
    };
    collect('t', this.#hard.tags);
    collect('p', this.#hard.prefixes);
    collect('T', this.#soft.tags);
    collect('P', this.#soft.prefixes);
    return names;
  }

  /** How many versions are kept. */
  get size(): number {
    return [this.#hard, this.#soft].reduce((sum, v) => sum + v.tags.size + v.prefixes.size, 0);
  }

  /** Forgets every version up to `version`. Only what began later, or was checked since, may still be asked about. */
  forgetUpTo(version: number): void {
    this.#hard.forgetUpTo(version);
    this.#soft.forgetUpTo(version);
  }
}
