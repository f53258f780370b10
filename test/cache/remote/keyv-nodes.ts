import { afterEach } from 'vitest';
import { CacheManager, type CacheOptions } from '../../../src/cache/index.js';
import type { KeyvStorageAdapterLike } from '../../../src/cache/remote/keyv-contract.js';
import { WireNames } from '../../../src/cache/remote/wire-name.js';
import { flushMicrotasks, ManualClock } from '../../manual-clock.js';

type Operation = 'get' | 'set' | 'delete';

/** A store for Keyv whose operations can be held up, or fail. It cannot be listed. */
export class MeddledStore implements KeyvStorageAdapterLike {
  readonly data = new Map<string, unknown>();
  readonly asked: string[] = [];
  /** Thrown by every operation while it is set. */
  failure: Error | undefined;
  /** Operations of which this is true wait until they are let go. They take effect then. */
  holds: (operation: Operation, key: string) => boolean = () => false;
  readonly #held: (() => void)[] = [];

  async #turn<T>(operation: Operation, key: string, effect: () => T): Promise<T> {
    this.asked.push(`${operation} ${key}`);
    if (this.failure) throw this.failure;
    if (this.holds(operation, key)) await new Promise<void>((resolve) => this.#held.push(resolve));
    return effect();
  }

  get held(): number {
    return this.#held.length;
  }

  /** Lets all go that are held, in the order in which they came. */
  async letGo(): Promise<void> {
    for (const go of this.#held.splice(0)) go();
    await flushMicrotasks();
  }

  get(key: string): Promise<unknown> {
    return this.#turn('get', key, () => this.data.get(key));
  }

  set(key: string, value: unknown): Promise<boolean> {
    return this.#turn('set', key, () => this.data.set(key, value) !== undefined);
  }

  delete(key: string): Promise<boolean> {
    return this.#turn('delete', key, () => this.data.delete(key));
  }

  has(key: string): boolean {
    return this.data.has(key);
  }
}

export const NAMESPACE = 'keyv-tier';
export const NAMES = new WireNames(NAMESPACE, 1);

/** Caches on one clock that stand for several processes. What they share is the store each is given. */
export class KeyvNodes {
  readonly clock = new ManualClock();
  readonly #caches: CacheManager[] = [];

  constructor() {
    afterEach(async () => {
      await Promise.all(this.#caches.splice(0).map((cache) => cache.close()));
    });
  }

  make(remote: NonNullable<CacheOptions['remote']>, options: CacheOptions = {}): CacheManager {
    const exact = { namespace: NAMESPACE, clock: this.clock, jitter: 0, earlyRefresh: 0, random: () => 0.5 };
    const cache = new CacheManager({ ...exact, ...options, remote });
    this.#caches.push(cache);
    return cache;
  }

  /** The same once it has been used, so that everything from here on happens in step with the clock. */
  async open(remote: NonNullable<CacheOptions['remote']>, options: CacheOptions = {}): Promise<CacheManager> {
    const cache = this.make(remote, options);
    await cache.ready();
    return cache;
  }

  /** Moves on in steps, so that what each timer sets off has happened before the next one. */
  async pass(ms: number, step = 50): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await flushMicrotasks();
    }
  }
}

export { flushMicrotasks };
