import { InvalidOptionError } from '../core/errors.js';
import { type CacheKey, shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { ResolvedWrite } from './call-options.js';
import type { SkipReason } from './events.js';
import { jittered } from './freshness.js';
import type { Fill } from './memory-tier.js';

/** Writes a value from outside a load. */
export class Writing {
  readonly #state: CacheState;

  constructor(state: CacheState) {
    this.#state = state;
  }

  /** Returns whether the value is in the cache now. Whatever the answer, what was there before is not. */
  set(key: CacheKey, value: unknown, write: ResolvedWrite): boolean {
    const { memory, flights, errors, book, options, events, mode, closed } = this.#state;
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
      return false;
    }
    const { tags, cost } = write;
    const ttlMs = jittered(askedTtl, options.jitter, inner);
    const fill = { key: inner, value, ttlMs, staleMs, tags, cost, loaderMs: 0, since: book.current };
    const reason = this.#store(fill, mode === 'observe');
    if (reason !== undefined) {
      memory.delete(inner);
      if (events.wants('skip')) events.emit('skip', { key: shownKey(inner), reason });
      return false;
    }
    if (events.wants('set')) {
      const bytes = memory.peek(inner)?.bytes ?? 0;
      events.emit('set', { key: shownKey(inner), bytes, ttlMs, tags: tags ?? [] });
    }
    return true;
  }

  /** Trouble of storing (a policy of the host's) is reported, and must not leave the older value behind. */
  #store(fill: Fill, observed: boolean): SkipReason | undefined {
    const { memory, options, events } = this.#state;
    try {
      return memory.store(fill, options.clock.now(), observed);
    } catch (error) {
      events.trouble(error, 'storing a value');
      return 'not-admitted';
    }
  }
}
