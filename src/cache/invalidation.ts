import { type CacheKey, shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { CacheEvents } from './events.js';
import { parsePattern } from './glob.js';
import { checkKeys, checkTags } from './option-checks.js';
import type { SharedOutcome, SharedSource } from './shared-source.js';
import { makeToken, newerToken } from './token.js';

/** What an invalidation resolves to. Its local effect has happened before the call returned. */
export interface InvalidationResult {
  /**
   * `done`: the server has it, and other processes hear of it within milliseconds. `queued`: it could not be reached, or the mode allows
   * no I/O; here the invalidation holds, and it is sent again until it is confirmed. Without a shared tier: `done`.
   */
  readonly remote: 'done' | 'queued';
  /** Pass it as `{ after: token }` to a read that must not see anything loaded before. */
  readonly token: string;
}

/** Options of an invalidation. */
export interface InvalidateOptions {
  /** End the fresh window only: the value may still be served stale while it is loaded again. @default false */
  readonly soft?: boolean;
}

type Outcome<R> = R | Promise<R>;
type DeleteResult = InvalidationResult & { readonly deleted: boolean };

/** Takes values out: by key, tag, prefix, glob, all. The local effect of each is there when the call returns. */
export class Invalidation {
  readonly #state: CacheState;

  constructor(state: CacheState) {
    this.#state = state;
  }

  /** Says too whether a value was there. */
  key(key: CacheKey, soft: boolean): Outcome<DeleteResult> {
    const { memory, flights, errors, options } = this.#state;
    const inner = this.#state.innerKey(key);
    const now = options.clock.now();
    const found = memory.find(inner, now, false);
    const deleted = found.state !== 'none';
    flights.detach(inner);
    errors.delete(inner);
    if (deleted && soft) memory.expireAt(found.entry, now);
    else memory.delete(inner);
    const done = this.#done('key', [shownKey(inner)], soft);
    const tell = (tier: SharedSource): Promise<SharedOutcome> => (soft ? tier.soften(inner) : tier.drop(inner));
    if (!this.#state.usesShared) return { ...this.#later(done, tell), deleted };
    return this.#state.withTier(tell).then((outcome) => ({ ...result(outcome), deleted: deleted || outcome.existed }));
  }

  keys(keys: Iterable<CacheKey>, soft: boolean): Outcome<InvalidationResult> {
    const all = [...checkKeys(keys)].map((key) => this.key(key, soft));
    const nothing: InvalidationResult = { remote: 'done', token: this.#token() };
    if (!all.some((outcome) => outcome instanceof Promise)) return (all.at(-1) as DeleteResult | undefined) ?? nothing;
    return Promise.all(all).then((outcomes) => ({
      remote: outcomes.every(({ remote }) => remote === 'done') ? 'done' : 'queued',
      token: outcomes.map(({ token }) => token).reduce(newerToken),
    }));
  }

  tags(tags: readonly string[], soft: boolean): Outcome<InvalidationResult> {
    checkTags(tags);
    const version = this.#next();
    this.#state.book.invalidateTags(tags, version, soft);
    const done = this.#done('tags', tags, soft, version);
    if (tags.length === 0) return done;
    return this.#shared(done, (tier) => tier.invalidate({ tags, prefixes: [], soft }));
  }

  pattern(pattern: string, soft: boolean): Outcome<InvalidationResult> {
    const state = this.#state;
    const scope = state.scope();
    const parsed = parsePattern(pattern, scope);
    if (parsed.kind === 'key') return this.key(parsed.key, soft);
    const version = this.#next();
    if (parsed.kind === 'prefix') {
      const { prefix } = parsed;
      state.book.invalidatePrefix(prefix, version, soft);
      const done = this.#done('prefix', [pattern], soft, version);
      return this.#shared(done, (tier) => tier.invalidate({ tags: [], prefixes: [prefix], soft }));
    }
    dropMatching(state, parsed.test, soft);
    const done = this.#done('glob', [pattern], soft, version);
    return this.#shared(done, (tier) => tier.sweep(parsed.test, [scope, pattern], soft));
  }

  clear(): Outcome<InvalidationResult> {
    const { memory, flights, errors, book } = this.#state;
    const version = this.#next();
    book.clear(version);
    flights.detachWhere(() => true);
    errors.clear();
    memory.clear();
    return this.#shared(this.#done('clear', [], false, version), (tier) => tier.clear());
  }

  /** The same in the shared tier: what it gave out as version is what the token says. */
  #shared(done: InvalidationResult, tell: (tier: SharedSource) => Promise<SharedOutcome>): Outcome<InvalidationResult> {
    return this.#state.usesShared ? this.#state.withTier(tell).then(result) : this.#later(done, tell);
  }

  /** In a mode that does no I/O the others are told later; without a shared tier there is nobody to tell. */
  #later(done: InvalidationResult, tell: (tier: SharedSource) => Promise<SharedOutcome>): InvalidationResult {
    if (this.#state.shared === undefined) return done;
    this.#state.defer(tell);
    return { ...done, remote: 'queued' };
  }

  #next(): number {
    return this.#state.book.next(this.#state.options.clock.now());
  }

  #token(): string {
    const { book, shared } = this.#state;
    return makeToken(shared?.versions.current ?? book.current);
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

function result({ remote, version }: SharedOutcome): InvalidationResult {
  return { remote, token: makeToken(version) };
}

/** Takes the keys that match out of memory, cuts their loads off and forgets their errors. */
export function dropMatching(state: CacheState, test: (key: string) => boolean, soft: boolean): void {
  const { flights, errors, memory, options } = state;
  flights.detachWhere(test);
  errors.deleteWhere(test);
  const now = options.clock.now();
  memory.deleteWhere((entry) => {
    if (!test(entry.key)) return false;
    if (soft) memory.expireAt(entry, now);
    return !soft;
  });
}
