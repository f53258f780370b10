import { InvalidOptionError } from '../core/errors.js';
import { type CacheKey, hostKey, shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { Tier } from './events.js';
import { freshness } from './freshness.js';
import type { MemoryEntry } from './memory-entry.js';
import { copyOf } from './value-handling.js';

/** What `inspect` says of a key: why it hits, or why it does not. */
export interface Inspection {
  readonly tier: Tier | 'none';
  readonly state: 'fresh' | 'stale' | 'expired' | 'tag' | 'invalidated' | 'unconfirmed' | 'absent';
  /** Since it was stored, in milliseconds. */
  readonly ageMs?: number;
  /** Left of its fresh window; negative once it is over. */
  readonly freshForMs?: number;
  /** When its fresh window ends, in milliseconds since the epoch. */
  readonly freshUntil?: number;
  /** For each tag the sequence at which loading began, and the tag's version: valid while stored >= current. */
  readonly tags?: Readonly<Record<string, readonly [stored: number, current: number]>>;
  readonly loaderMs?: number;
  readonly bytes?: number;
  readonly hits?: number;
  /** Whether a load of it is under way. */
  readonly inFlight: boolean;
}

/** Looks at a key without touching anything. */
export function inspect(state: CacheState, key: CacheKey): Inspection {
  const inner = state.innerKey(key);
  const { book, shared, options } = state;
  const inFlight = state.flights.get(inner) !== undefined;
  const entry = state.memory.peek(inner);
  if (!entry) return { tier: 'none', state: 'absent', inFlight };
  const now = options.clock.now();
  const ends = [book.softenedAt(entry) / 1000, shared?.softenedAt(entry) ?? 0].filter((at) => at > 0);
  const ttlMs = Math.min(entry.ttlMs, ...ends.map((at) => Math.max(0, Math.min(at, now) - entry.storedAt)));
  const unconfirmed = shared?.suspects(entry, now) ? 'unconfirmed' : undefined;
  const life = { storedAt: entry.storedAt, ttlMs, staleMs: entry.staleMs };
  const tags = Object.fromEntries((entry.tags ?? []).map((tag) => [tag, versionsOf(state, entry, tag)]));
  return {
    tier: 'memory',
    state: book.invalidatedBy(entry) ?? shared?.invalidatedBy(entry) ?? unconfirmed ?? freshness(now, life),
    ageMs: now - entry.storedAt,
    freshForMs: entry.storedAt + ttlMs - now,
    freshUntil: entry.storedAt + ttlMs,
    tags,
    loaderMs: entry.loaderUs / 1000,
    bytes: entry.bytes,
    hits: entry.hits,
    inFlight,
  };
}

/** Stored and current: in the shared tier's sequence where there is one, else in this process's. */
function versionsOf({ book, shared }: CacheState, entry: MemoryEntry, tag: string): readonly [number, number] {
  if (shared === undefined || entry.shared === undefined) return [entry.since, book.tagVersion(tag)];
  return [entry.shared.since, shared.versions.tagVersion(tag)];
}

/** The fresh values in memory under string keys of the present scope, the keys as the host gave them. Counts nothing. */
export function* freshEntries(state: CacheState): IterableIterator<[key: string, value: unknown]> {
  const { memory, options, mode, closed } = state;
  if (mode !== 'on' || closed) return;
  const scope = state.scope();
  // Listed first: looking at an entry may take it out, and the host may write between two steps.
  for (const entry of [...memory.entries()]) {
    const key = hostKey(entry.key, scope);
    if (key === undefined || memory.peek(entry.key) !== entry) continue;
    if (memory.check(entry, options.clock.now()).state !== 'fresh') continue;
    yield [key, entry.plain ? entry.value : copyOf(entry.value)];
  }
}

/** One of the keys that are hit most. */
export interface HotKey {
  readonly key: string;
  /** Hits since the key came into memory. */
  readonly hits: number;
  readonly bytes: number;
  readonly loaderMs: number;
  /** Loader time its hits have saved. */
  readonly savedMs: number;
}

/** The `n` keys with the most hits among those in memory, most first. O(entries). */
export function hotKeys(state: CacheState, n: number): HotKey[] {
  if (!(n >= 0)) throw new InvalidOptionError('n', 'a number >= 0', n);
  return [...state.memory.entries()]
    .sort((a, b) => b.hits - a.hits)
    .slice(0, n)
    .map((entry) => ({
      key: shownKey(entry.key),
      hits: entry.hits,
      bytes: entry.bytes,
      loaderMs: entry.loaderUs / 1000,
      savedMs: (entry.hits * entry.loaderUs) / 1000,
    }));
}
