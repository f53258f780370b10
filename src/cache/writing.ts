import { InvalidOptionError } from '../core/errors.js';
import { type CacheKey, shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import { type ResolvedWrite, resolveWrite } from './call-options.js';
import type { Fill } from './entry-maker.js';
import type { SkipReason } from './events.js';
import { jittered } from './freshness.js';
import type { MemoryEntry } from './memory-entry.js';
import type { SetOptions } from './options.js';
import type { SharedSource } from './shared-source.js';

/** Writes a value from outside a load. */
export class Writing {
  readonly #state: CacheState;

  constructor(state: CacheState) {
    this.#state = state;
  }

  /** Writes many. With a shared tier they go out together. */
  async setMany(
    entries: Iterable<readonly [key: CacheKey, value: unknown, options?: SetOptions]>,
    options: SetOptions | undefined,
  ): Promise<void> {
    const writes: (boolean | Promise<boolean>)[] = [];
    for (const [key, value, own] of entries) {
      writes.push(this.set(key, value, resolveWrite(own ?? options, this.#state.options)));
    }
    await Promise.all(writes);
  }

  /** Says whether the value is in the cache now. Whatever the answer, what was there before is not. */
  set(key: CacheKey, value: unknown, write: ResolvedWrite): boolean | Promise<boolean> {
    const { memory, flights, errors, book, shared, options, events, mode, closed, usesShared } = this.#state;
    const inner = this.#state.innerKey(key);
    if (typeof (value as { then?: unknown } | null | undefined)?.then === 'function') {
      throw new InvalidOptionError('value', 'a value (await the promise first)', value);
    }
    flights.detach(inner);
    errors.delete(inner);
    const negative = (value === undefined || value === null) && options.negativeTtlMs > 0;
    const askedTtl = negative ? Math.min(options.negativeTtlMs, write.ttlMs) : write.ttlMs;
    const staleMs = negative ? 0 : write.staleMs;
    // `off` stores nothing, yet must not leave a value that this write has made old.
    const absent = (value === undefined && !negative) || askedTtl + staleMs <= 0 || mode === 'off' || closed;
    if (absent) {
      memory.delete(inner);
      return this.#dropShared(inner);
    }
    const { tags, cost } = write;
    const ttlMs = jittered(askedTtl, options.jitter, inner);
    const now = options.clock.now();
    const standing = shared && {
      ...{ since: shared.versions.current, raised: shared.raised, sum: 0, confirmedAt: now },
    };
    const fill: Fill = {
      ...{ key: inner, value, ttlMs, staleMs, tags, cost, loaderMs: 0, since: book.current },
      shared: standing,
    };
    const { entry, reason } = this.#keep(fill, now, mode === 'observe');
    if (reason !== undefined) {
      memory.delete(inner);
      if (events.wants('skip')) events.emit('skip', { key: shownKey(inner), reason });
      if (reason === 'not-clonable') return this.#dropShared(inner);
    } else if (events.wants('set')) {
      const bytes = memory.peek(inner)?.bytes ?? 0;
      events.emit('set', { key: shownKey(inner), bytes, ttlMs, tags: tags ?? [] });
    }
    const isHere = reason === undefined && options.memory;
    if (shared === undefined) return isHere;
    if (!usesShared) {
      void this.#dropShared(inner);
      return isHere;
    }
    const facts = {
      value,
      ttlMs,
      staleMs,
      tags,
      loaderMs: 0,
      cost,
      since: shared.versions.current,
      birth: shared.birth,
    };
    return this.#state.withTier((tier) => tier.put(inner, facts, entry)).then((isThere) => isThere || isHere);
  }

  /** What a write has made old goes from the shared tier too: now, or as soon as the mode allows it. */
  #dropShared(inner: string): false | Promise<false> {
    const drop = (tier: SharedSource): Promise<false> => tier.drop(inner).then(() => false);
    if (this.#state.usesShared) return this.#state.withTier(drop);
    if (this.#state.shared !== undefined) this.#state.defer(drop);
    return false;
  }

  /** Trouble of storing (a policy of the host's) is reported, and must not leave the older value behind. */
  #keep(
    fill: Fill,
    now: number,
    observed: boolean,
  ): { entry: MemoryEntry | undefined; reason: SkipReason | undefined } {
    const { memory, options, events } = this.#state;
    try {
      const entry = memory.make(fill, now, observed);
      if (entry === undefined) return { entry, reason: 'not-clonable' };
      return { entry, reason: options.memory ? memory.keep(entry, now) : undefined };
    } catch (error) {
      events.trouble(error, 'storing a value');
      return { entry: undefined, reason: 'not-admitted' };
    }
  }
}
