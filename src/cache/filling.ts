import { shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { Fill } from './entry-maker.js';
import type { SkipReason } from './events.js';
import type { Flight } from './flight.js';
import { jittered } from './freshness.js';
import type { LoaderRemarks } from './loader-context.js';
import type { LoadRequest } from './loading.js';
import type { MemoryEntry } from './memory-entry.js';
import type { Permit } from './shared-source.js';

/** Reasons not to store that say something about the value: there is none, or it may not be kept for any time. */
const OVERTAKES: ReadonlySet<SkipReason> = new Set(['undefined', 'ttl', 'not-clonable']);

/** Stores what loaders bring: in memory, and under a lease in the shared tier. */
export class Filling {
  readonly #state: CacheState;

  constructor(state: CacheState) {
    this.#state = state;
  }

  /** Stores a loaded value, or says why not. */
  fill(
    flight: Flight,
    value: unknown,
    remarks: LoaderRemarks,
    { write, observed, force }: Pick<LoadRequest<never>, 'write' | 'observed' | 'force'>,
    permit: Permit | undefined,
  ): void {
    const { book, shared, errors, options, counters, events, memory } = this.#state;
    flight.fenced ||= book.invalidatedBy(flight) !== undefined || this.#isFencedElsewhere(flight);
    const nothing = value === undefined || value === null;
    const negative = nothing && options.negativeTtlMs > 0;
    const askedTtl = remarks.ttlMs ?? (negative ? Math.min(options.negativeTtlMs, write.ttlMs) : write.ttlMs);
    const staleMs = negative || remarks.ttlMs === 0 ? 0 : write.staleMs;
    const now = options.clock.now();
    let reason = this.#refusal(flight, value, remarks, negative, observed) ?? leaseRefusal(permit);
    if (reason === undefined && askedTtl + staleMs <= 0) reason = 'ttl';
    if (reason === undefined) {
      const ttlMs = jittered(askedTtl, options.jitter, flight.key);
      const { key, tags, since, startedAt } = flight;
      const standing = shared && {
        ...{ since: flight.sharedSince ?? 0, raised: flight.raised, sum: 0, confirmedAt: now },
      };
      const fill: Fill = {
        ...{ key, value, ttlMs, staleMs, tags, since, cost: write.cost, loaderMs: now - startedAt },
        shared: standing,
      };
      reason = this.#store(fill, flight, now, observed, permit, force ?? false);
      if (reason === undefined) {
        errors.delete(key);
        if (events.wants('set')) {
          const bytes = memory.peek(key)?.bytes ?? 0;
          events.emit('set', { key: shownKey(key), bytes, ttlMs, tags: tags ?? [] });
        }
        return;
      }
    }
    this.release(permit);
    if (reason === 'fenced' || reason === 'lease') counters.fenced++;
    // What this load has found out makes the value before it old, though it can't take its place.
    if (OVERTAKES.has(reason) && !this.#superseded(flight)) memory.delete(flight.key);
    if (events.wants('skip')) events.emit('skip', { key: shownKey(flight.key), reason });
  }

  /** Nothing will be stored under a permit. */
  release(permit: Permit | undefined): void {
    if (permit?.kind === 'lease') this.#state.tier?.release(permit.lease);
  }

  #isFencedElsewhere(flight: Flight): boolean {
    const { shared } = this.#state;
    if (shared === undefined || flight.sharedSince === undefined) return false;
    return flight.sharedBirth !== shared.birth
      ? flight.sharedBirth !== 0
      : shared.versions.invalidatedBy(flight, flight.sharedSince) !== undefined;
  }

  #store(
    fill: Fill,
    flight: Flight,
    now: number,
    observed: boolean,
    permit: Permit | undefined,
    tell: boolean,
  ): SkipReason | undefined {
    const { memory, options, tier } = this.#state;
    const entry = memory.make(fill, now, observed);
    if (entry === undefined) return 'not-clonable';
    const kept = options.memory ? memory.keep(entry, now) : undefined;
    if (permit?.kind === 'lease' && tier) {
      const { ttlMs, staleMs, tags, loaderMs, cost, value } = fill;
      const since = flight.sharedSince ?? 0;
      const write = { value, ttlMs, staleMs, tags, loaderMs, cost, since, birth: flight.sharedBirth };
      tier.fill(permit.lease, write, entry, tell, () => this.#takeBack(entry));
      return undefined;
    }
    return options.memory ? kept : 'unreachable';
  }

  /** The lease was gone when the value arrived: somebody has written or invalidated the key since. */
  #takeBack(entry: MemoryEntry): void {
    const { memory, counters, events } = this.#state;
    if (memory.peek(entry.key) === entry) memory.delete(entry.key);
    counters.fenced++;
    if (events.wants('skip')) events.emit('skip', { key: shownKey(entry.key), reason: 'lease' });
  }

  #refusal(
    flight: Flight,
    value: unknown,
    remarks: LoaderRemarks,
    negative: boolean,
    observed: boolean,
  ): SkipReason | undefined {
    const { closed, mode } = this.#state;
    if (closed || mode === 'off' || (observed && mode !== 'observe')) return 'closed';
    if (flight.detached || flight.fenced) return 'fenced';
    if (remarks.skip) return 'asked';
    if (value === undefined && !negative) return 'undefined';
    return this.#superseded(flight) ? 'superseded' : undefined;
  }

  /** Whether its callers had gone, and the key has been loaded or is being loaded anew. */
  #superseded(flight: Flight): boolean {
    const { flights, memory } = this.#state;
    if (flight.run.phase === 'awaited') return false;
    const newer = (memory.peek(flight.key)?.storedAt ?? Number.NEGATIVE_INFINITY) >= flight.startedAt;
    return newer || flights.get(flight.key) !== undefined;
  }
}

function leaseRefusal(permit: Permit | undefined): SkipReason | undefined {
  if (permit?.kind === 'uncached') return 'lease';
  return permit?.kind === 'lease' && permit.lease.lost ? 'lease' : undefined;
}
