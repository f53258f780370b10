import { type Cache, createCache } from 'cache-manager';
import { expect, vi } from 'vitest';
import { CacheManager, type CacheOptions, createCacheManagerFacade } from '../../src/cache/index.js';
import { ManualClock } from '../manual-clock.js';

export interface Subject {
  readonly cache: Cache;
  advance(ms: number): void;
}
export interface Settings {
  readonly ttl: number;
  readonly refreshThreshold?: number;
}

export function theirs(settings: Settings): Subject {
  return { cache: createCache(settings), advance: (ms) => vi.setSystemTime(Date.now() + ms) };
}

export function ours({ ttl, ...options }: Settings, shared: Partial<CacheOptions> = {}): Subject {
  const clock = new ManualClock(Date.now());
  const manager = new CacheManager({ clock, ttl, jitter: 0, ...shared });
  return { cache: createCacheManagerFacade(manager, options), advance: (ms) => clock.advance(ms) };
}

/** A tier below. Scenarios advance by years: no beats. */
const shared = (): Partial<CacheOptions> => ({
  namespace: 'facade',
  remote: new Map(),
  coordinator: { heartbeat: '36500d' },
});

/** What cache-manager does is run, not remembered: each scenario must come out the same for both, with a remote and without. */
export async function same(settings: Settings, scenario: (subject: Subject) => Promise<unknown>): Promise<unknown> {
  const startedAt = Date.now();
  const outcome = await scenario(ours(settings));
  vi.setSystemTime(startedAt);
  expect(await scenario(ours(settings, shared())), 'with a remote').toEqual(outcome);
  vi.setSystemTime(startedAt);
  expect(outcome).toEqual(await scenario(theirs(settings)));
  return outcome;
}

export const MINUTE = 60_000;
export const count = () => {
  let runs = 0;
  return vi.fn(async () => ++runs);
};

export function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => String(error),
  );
}
