/** The life of an entry. `stored` and the results are milliseconds since the epoch, the rest are milliseconds. */
export interface Lifetime {
  readonly storedAt: number;
  readonly ttlMs: number;
  readonly staleMs: number;
}

export type Freshness = 'fresh' | 'stale' | 'expired';

export function freshness(now: number, life: Lifetime): Freshness {
  const age = now - life.storedAt;
  if (age < life.ttlMs) return 'fresh';
  return age < life.ttlMs + life.staleMs ? 'stale' : 'expired';
}

/** How many times the expected lead an early refresh is considered: beyond it the chance is below one in a million. */
const LONGEST_LEAD = 14;

/**
 * Until when a hit needs no second look: the end of the fresh window, or, with early refresh, the moment from which XFetch
 * may strike.
 */
export function carefreeUntil(life: Lifetime, loaderMs: number, beta: number): number {
  return life.storedAt + life.ttlMs - loaderMs * beta * LONGEST_LEAD;
}

/**
 * Whether this reader should refresh before expiry: optimal probabilistic early expiration (Vattani, Chierichetti,
 * Lowenstein: "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015). Values that are dear to load start earlier, and
 * of many processes about one starts.
 *
 * @param random - uniform in [0, 1)
 */
export function refreshesEarly(
  now: number,
  life: Lifetime,
  loaderMs: number,
  beta: number,
  random: () => number,
): boolean {
  if (beta <= 0 || loaderMs <= 0 || now < carefreeUntil(life, loaderMs, beta)) return false;
  const lead = Math.min(-Math.log(1 - random()), LONGEST_LEAD) * loaderMs * beta;
  return now + lead >= life.storedAt + life.ttlMs;
}

/**
 * Shortens a time to live by up to `jitter` of itself, the same for the same key: what was stored together does not expire
 * together. Never lengthens it.
 */
export function jittered(ttlMs: number, jitter: number, key: string): number {
  if (jitter === 0 || !Number.isFinite(ttlMs)) return ttlMs;
  return Math.round(ttlMs * (1 - jitter * unitHash(key)));
}

/** FNV-1a, spread over [0, 1). Good enough to scatter expiries; never an identity. */
function unitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // FNV leaves the high bits of short keys alike.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32;
}

/** How long to leave a failing loader alone after its n-th failure in a row (n >= 1): doubled each time, up to `maxMs`. */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
}
