import { type CacheKey, shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { CacheEvents } from './events.js';
import { parsePattern } from './glob.js';
import { checkKeys, checkTags } from './option-checks.js';
import { makeToken } from './token.js';

/** What an invalidation resolves to. Its local effect has happened before the call returned. */
export interface InvalidationResult {
  /** Whether other processes are known to have been told. Without a shared tier there are none: `done`. */
  readonly remote: 'done' | 'queued';
  /** Pass it as `{ after: token }` to a read that must not see anything loaded before. */
  readonly token: string;
}

/** Options of an invalidation. */
export interface InvalidateOptions {
  /** End the fresh window only: the value may still be served stale while it is loaded again. @default false */
  readonly soft?: boolean;
}

/** Takes values out: by key, tag, prefix, glob, all. Everything here is synchronous. */
export class Invalidation {
  readonly #state: CacheState;

  constructor(state: CacheState) {
    this.#state = state;
  }

  /** Returns whether a value was there. */
  key(key: CacheKey, soft: boolean): InvalidationResult & { readonly deleted: boolean } {
    const { memory, flights, errors, options } = this.#state;
    const inner = this.#state.innerKey(key);
    const now = options.clock.now();
    const found = memory.find(inner, now, false);
    const deleted = found.state !== 'none';
    flights.detach(inner);
    errors.delete(inner);
    if (deleted && soft) memory.expireAt(found.entry, now);
    else memory.delete(inner);
    return { ...this.#done('key', [shownKey(inner)], soft), deleted };
  }

  keys(keys: Iterable<CacheKey>, soft: boolean): InvalidationResult {
    let last: InvalidationResult | undefined;
    for (const key of checkKeys(keys)) last = this.key(key, soft);
    return last ?? { remote: 'done', token: makeToken(this.#state.book.current) };
  }

  tags(tags: readonly string[], soft: boolean): InvalidationResult {
    checkTags(tags);
    const version = this.#next();
    this.#state.book.invalidateTags(tags, version, soft);
    return this.#done('tags', tags, soft, version);
  }

  pattern(pattern: string, soft: boolean): InvalidationResult {
    const state = this.#state;
    const parsed = parsePattern(pattern, state.scope());
    if (parsed.kind === 'key') return this.key(parsed.key, soft);
    const version = this.#next();
    if (parsed.kind === 'prefix') {
      state.book.invalidatePrefix(parsed.prefix, version, soft);
      return this.#done('prefix', [pattern], soft, version);
    }
    state.flights.detachWhere(parsed.test);
    state.errors.deleteWhere(parsed.test);
    const now = state.options.clock.now();
    state.memory.deleteWhere((entry) => {
      if (!parsed.test(entry.key)) return false;
      if (soft) state.memory.expireAt(entry, now);
      return !soft;
    });
    return this.#done('glob', [pattern], soft, version);
  }

  clear(): InvalidationResult {
    const { memory, flights, errors, book } = this.#state;
    const version = this.#next();
    book.clear(version);
    flights.detachWhere(() => true);
    errors.clear();
    memory.clear();
    return this.#done('clear', [], false, version);
  }

  #next(): number {
    return this.#state.book.next(this.#state.options.clock.now());
  }

  #done(
    kind: CacheEvents['invalidate']['kind'],
    names: readonly string[],
    soft: boolean,
    version: number = this.#next(),
  ): InvalidationResult {
    const { counters, events } = this.#state;
    counters.invalidations++;
    this.#state.compactBook();
    if (events.wants('invalidate')) events.emit('invalidate', { kind, names, soft });
    return { remote: 'done', token: makeToken(version) };
  }
}
