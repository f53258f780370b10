import { type Cache, createCache } from 'cache-manager';
import { expect, vi } from 'vitest';
import { CacheManager, createCacheManagerFacade } from '../../src/cache/index.js';
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

export function ours({ ttl, ...options }: Settings): Subject {
  const clock = new ManualClock(Date.now());
  const manager = new CacheManager({ clock, ttl, jitter: 0 });
  return { cache: createCacheManagerFacade(manager, options), advance: (ms) => clock.advance(ms) };
}

/** What cache-manager does is run, not remembered: each scenario must come out the same for both. */
export async function same(settings: Settings, scenario: (subject: Subject) => Promise<unknown>): Promise<unknown> {
  const outcome = await scenario(ours(settings));
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
