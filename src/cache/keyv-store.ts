import { type Clock, systemClock } from '../core/clock.js';
import type { Unsubscribe } from '../core/emitter.js';
import { InvalidOptionError } from '../core/errors.js';
import type { CacheManager } from './cache-manager.js';

/** Options of {@link createKeyvStore}. */
export interface KeyvStoreOptions {
  /**
   * Which Keyv calls it. `5`: `set(key, value, ttl)`, a time to live in milliseconds; Keyv 5 calls it so, and Keyv 6 too, as
   * it takes every adapter without `capabilities.expires` for one of version 5. `6`: `set(key, value, expires)`, the
   * moment of expiry, and namespaces kept by the adapter: `clear()` is then O(1), and also reaches keys above 256 characters.
   * Keyv 5 must not be given it. @default 5
   */
  readonly contract?: 5 | 6;
  /** Reads what is left until `expires`. @default the system's */
  readonly clock?: Clock;
}

/** What both contracts have in common. */
interface KeyvStoreBase {
  namespace?: string | undefined;
  get<V>(key: string): Promise<V | undefined>;
  getMany<V>(keys: string[]): Promise<(V | undefined)[]>;
  has(key: string): Promise<boolean>;
  hasMany(keys: string[]): Promise<boolean[]>;
  delete(key: string): Promise<boolean>;
  clear(): Promise<void>;
  /** The fresh values in memory, also where the cache has a remote. Keys above 256 characters are left out. */
  iterator<V>(namespace?: string): AsyncGenerator<Array<string | Awaited<V> | undefined>, void>;
  /** `error`: trouble inside the cache, which reached no call. Other events never come. */
  on(event: string, listener: (error: unknown) => void): this;
  /** Ends the subscriptions. The cache goes on. */
  disconnect(): Promise<void>;
}

/** A storage adapter for Keyv 5, which Keyv 6 takes as well. */
export interface KeyvStore extends KeyvStoreBase {
  readonly opts: Record<string, unknown>;
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  deleteMany(keys: string[]): Promise<boolean>;
}

/** A storage adapter for Keyv 6. */
export interface KeyvStore6 extends KeyvStoreBase {
  readonly capabilities: { readonly expires: true };
  set(key: string, value: unknown, expires?: number): Promise<boolean>;
  setMany(entries: { key: string; value: unknown; expires?: number | undefined }[]): Promise<boolean[]>;
  deleteMany(keys: string[]): Promise<boolean[]>;
}

/**
 * The cache as a storage adapter for Keyv: its bounds, tags and events under any code that takes a Keyv. Make one for each
 * Keyv. What is stored without a time to live stays until the cache pushes it out; a ttl is subject to the cache's `jitter`.
 * `clear()` empties the Keyv's namespace; without a namespace, the whole cache.
 *
 * ```ts
 * const keyv = new Keyv({ store: createKeyvStore(cache), namespace: 'sessions' });
 * ```
 *
 * @throws InvalidOptionError
 */
export function createKeyvStore(cache: CacheManager, options: KeyvStoreOptions & { readonly contract: 6 }): KeyvStore6;
export function createKeyvStore(cache: CacheManager, options?: KeyvStoreOptions & { readonly contract?: 5 }): KeyvStore;
export function createKeyvStore(
  cache: CacheManager,
  { contract = 5, clock = systemClock() }: KeyvStoreOptions = {},
): KeyvStore | KeyvStore6 {
  if (contract === 5) return new Adapter5(cache);
  if (contract === 6) return new Adapter6(cache, clock);
  throw new InvalidOptionError('contract', '5 or 6', contract);
}

abstract class Adapter {
  // Not a field: Keyv 6 takes an adapter of version 5 that has this property for one that prefixes keys itself.
  declare namespace?: string | undefined;
  protected readonly cache: CacheManager;
  readonly #subscriptions = new Set<Unsubscribe>();

  constructor(cache: CacheManager) {
    this.cache = cache;
  }

  /** The cache's key for a key of Keyv's. */
  protected abstract full(key: string): string;
  protected abstract prefixOf(namespace: string): string;

  async get<V>(key: string): Promise<V | undefined> {
    return (await this.cache.get(this.full(key))) as V | undefined;
  }

  async getMany<V>(keys: string[]): Promise<(V | undefined)[]> {
    const full = keys.map((key) => this.full(key));
    const found = await this.cache.getMany(full);
    return full.map((key) => found.get(key) as V | undefined);
  }

  async has(key: string): Promise<boolean> {
    return this.cache.has(this.full(key));
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    // Asked in one tick: the cache makes one read of it. So it is with deletions and writes.
    return Promise.all(keys.map((key) => this.has(key)));
  }

  async delete(key: string): Promise<boolean> {
    return (await this.cache.delete(this.full(key))).deleted;
  }

  protected async store(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    if (ttlMs > 0) return this.cache.set(this.full(key), value, { ttl: ttlMs, stale: 0 });
    await this.cache.delete(this.full(key));
    return true;
  }

  async clear(): Promise<void> {
    if (this.namespace === undefined) await this.cache.clear();
    else await this.cache.invalidate(`${this.prefixOf(this.namespace).replace(/[\\*?]/g, '\\$&')}*`);
  }

  protected *within(namespace: string | undefined): Generator<[key: string, rest: string, value: unknown]> {
    const prefix = namespace === undefined ? '' : this.prefixOf(namespace);
    for (const [key, value] of this.cache.entries()) {
      if (key.startsWith(prefix)) yield [key, key.slice(prefix.length), value];
    }
  }

  on(event: string, listener: (error: unknown) => void): this {
    if (event === 'error') this.#subscriptions.add(this.cache.on('error', ({ error }) => listener(error)));
    return this;
  }

  async disconnect(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions.clear();
  }
}

/** Keyv prefixes the keys; it asks for `iterator` only where `opts` carry the name of a database that it knows. */
class Adapter5 extends Adapter implements KeyvStore {
  readonly opts: Record<string, unknown> = { dialect: 'hotpath', url: 'hotpath:memory?iterates=like-redis' };

  protected full(key: string): string {
    return key;
  }

  protected prefixOf(namespace: string): string {
    return `${namespace}:`;
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    // Keyv: no time to live, and 0, mean without end.
    return this.store(key, value, ttl || Number.POSITIVE_INFINITY);
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return (await Promise.all(keys.map((key) => this.delete(key)))).every(Boolean);
  }

  async *iterator<V>(namespace?: string): AsyncGenerator<Array<string | Awaited<V> | undefined>, void> {
    for (const [key, , value] of this.within(namespace)) yield [key, value as Awaited<V>];
  }
}

/** Before this moment (in 1973) lies no expiry, and above it no time to live: the two can't be mixed up unnoticed. */
const EARLIEST_EXPIRY = 1e11;

class Adapter6 extends Adapter implements KeyvStore6 {
  readonly capabilities: { readonly expires: true } = { expires: true };
  readonly #clock: Clock;

  constructor(cache: CacheManager, clock: Clock) {
    super(cache);
    this.#clock = clock;
  }

  protected full(key: string): string {
    return this.namespace === undefined ? key : `${this.prefixOf(this.namespace)}${key}`;
  }

  /** Escaped, so that namespace `a` with key `b:c` is not namespace `a:b` with key `c`. */
  protected prefixOf(namespace: string): string {
    return `${namespace.replaceAll('%', '%25').replaceAll(':', '%3A')}:`;
  }

  async set(key: string, value: unknown, expires?: number): Promise<boolean> {
    if (expires === undefined || expires === null) return this.store(key, value, Number.POSITIVE_INFINITY);
    if (!(expires >= EARLIEST_EXPIRY)) {
      throw new InvalidOptionError(
        'expires',
        'a moment in milliseconds since the epoch (Keyv 5 needs contract: 5)',
        expires,
      );
    }
    return this.store(key, value, expires - this.#clock.now());
  }

  async setMany(entries: { key: string; value: unknown; expires?: number | undefined }[]): Promise<boolean[]> {
    return Promise.all(entries.map(({ key, value, expires }) => this.set(key, value, expires)));
  }

  async deleteMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.delete(key)));
  }

  async *iterator<V>(
    namespace: string | undefined = this.namespace,
  ): AsyncGenerator<Array<string | Awaited<V> | undefined>, void> {
    for (const [, key, value] of this.within(namespace)) yield [key, value as Awaited<V>];
  }
}
