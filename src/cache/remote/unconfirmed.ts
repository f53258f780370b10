import { readableText } from '../cache-key.js';
import { prefixMayMatch } from '../glob.js';

/** One invalidation on its way to the server. */
export type Change =
  | { readonly kind: 'names'; readonly members: readonly string[] }
  | { readonly kind: 'key'; readonly key: string }
  /** Every key of which this is true, while the store is being gone through. */
  | { readonly kind: 'sweep'; readonly test: (key: string) => boolean }
  | { readonly kind: 'clear' };

/** More failed changes than this are not remembered one by one. */
const MOST_CHANGES = 10_000;

/**
 * Invalidations that the server has not confirmed. As long as one is here, nothing that it is about is taken from the shared
 * tier. Those that failed are sent again; beyond a bound they collapse into one invalidation of everything, never into a loss.
 */
export class Unconfirmed {
  readonly #changes = new Map<Change, 'sent' | 'failed'>();
  /** How many changes are about each name, with its kind in front. */
  readonly #names = new Map<string, number>();
  /** The newest change of each key that has one. */
  readonly #newest = new Map<string, Change>();
  #clears = 0;
  readonly #sweeps = new Set<(key: string) => boolean>();
  /** How many of the names are prefixes. Not worth an index: few are ever unconfirmed. */
  #prefixes = 0;
  #failed = 0;

  get size(): number {
    return this.#changes.size;
  }

  /** Whether there is something to be sent again. */
  get failed(): number {
    return this.#failed;
  }

  /** A change is about to be sent. */
  begin(change: Change): void {
    this.#changes.set(change, 'sent');
    this.#count(change, 1);
    if (change.kind === 'key') this.#newest.set(change.key, change);
  }

  /** Whether nothing was written to the key, or deleted, after this change was begun. */
  isNewest(change: Change & { readonly kind: 'key' }): boolean {
    return this.#newest.get(change.key) === change;
  }

  confirm(change: Change): void {
    const state = this.#changes.get(change);
    if (state === undefined) return;
    if (state === 'failed') this.#failed--;
    this.#changes.delete(change);
    this.#count(change, -1);
  }

  /** It may or may not have reached the server: it will be sent again. */
  fail(change: Change): void {
    if (this.#changes.get(change) !== 'sent') return;
    this.#changes.set(change, 'failed');
    this.#failed++;
    if (this.#failed > MOST_CHANGES) this.#collapse();
  }

  /** What has to be sent again. */
  *toReplay(): IterableIterator<Change> {
    for (const [change, state] of this.#changes) if (state === 'failed') yield change;
  }

  /** Whether an unconfirmed change is about this entry. */
  concerns(key: string, tags: readonly string[]): boolean {
    if (this.#changes.size === 0) return false;
    if (this.#clears > 0 || this.#names.has(`k${key}`)) return true;
    for (const tag of tags) if (this.#names.has(`t${tag}`) || this.#names.has(`T${tag}`)) return true;
    for (const test of this.#sweeps) if (test(key)) return true;
    return this.#prefixes > 0 && this.#matchesPrefix(key);
  }

  /** The keys that are being written or deleted, and match. */
  *keysWhere(test: (key: string) => boolean): IterableIterator<string> {
    for (const key of this.#newest.keys()) if (test(key)) yield key;
  }

  #matchesPrefix(key: string): boolean {
    const { text, whole } = readableText(key);
    for (const name of this.#names.keys()) {
      if (name[0] !== 'p' && name[0] !== 'P') continue;
      const prefix = name.slice(1);
      if (whole ? text.startsWith(prefix) : prefixMayMatch(text, prefix)) return true;
    }
    return false;
  }

  /** Everything becomes one invalidation of all. */
  #collapse(): void {
    for (const [change, state] of [...this.#changes]) if (state === 'failed') this.confirm(change);
    const all: Change = { kind: 'clear' };
    this.#changes.set(all, 'failed');
    this.#failed++;
    this.#count(all, 1);
  }

  #count(change: Change, by: 1 | -1): void {
    if (change.kind === 'clear') {
      this.#clears += by;
      return;
    }
    if (change.kind === 'sweep') {
      if (by > 0) this.#sweeps.add(change.test);
      else this.#sweeps.delete(change.test);
      return;
    }
    for (const name of change.kind === 'key' ? [`k${change.key}`] : change.members) {
      if (name[0] === 'p' || name[0] === 'P') this.#prefixes += by;
      const count = (this.#names.get(name) ?? 0) + by;
      if (count > 0) this.#names.set(name, count);
      else {
        this.#names.delete(name);
        if (change.kind === 'key') this.#newest.delete(change.key);
      }
    }
  }
}
