import { EventEmitter } from 'node:events';
import type { CacheManager } from './cache-manager.js';

/** How long `wrap` keeps a value, and when it refreshes it ahead of time. Milliseconds, or made from the value. */
export interface FacadeWrapOptions<T> {
  readonly ttl?: number | ((value: T) => number);
  /** A hit with less than this left is answered as it is, and loaded again in the background. */
  readonly refreshThreshold?: number | ((value: T) => number);
}

/** A value with the moment its time to live ends, `undefined` for one without end. */
export interface FacadeStoredValue<T> {
  value: T;
  expires?: number | undefined;
}

/** One entry of `mset`. */
export interface FacadeEntry<T> {
  key: string;
  value: T;
  ttl?: number;
}

/** Events of the facade: what was called through it, with its outcome. The names and types that cache-manager declares. */
export interface FacadeEvents {
  get: <T>(data: { key: string; value?: T; error?: unknown }) => void;
  mget: <T>(data: { keys: string[]; value?: T[]; values?: T[]; error?: unknown }) => void;
  set: <T>(data: { key: string; value: T; error?: unknown }) => void;
  mset: <T>(data: { list: FacadeEntry<T>[]; error?: unknown }) => void;
  del: (data: { key: string; error?: unknown }) => void;
  clear: (error?: unknown) => void;
  refresh: <T>(data: { key: string; value: T; error?: unknown }) => void;
}

/** Events that cache-manager sends and does not declare. */
interface UndeclaredEvents {
  ttl: (data: { key: string; value?: number; error?: unknown }) => void;
  mdel: (data: { keys: string[]; error?: unknown }) => void;
}

/** What code written for cache-manager 7 works with. */
export interface CacheManagerFacade {
  get<T>(key: string): Promise<T | undefined>;
  mget<T>(keys: string[]): Promise<(T | undefined)[]>;
  set<T>(key: string, value: T, ttl?: number): Promise<T>;
  mset<T>(list: FacadeEntry<T>[]): Promise<FacadeEntry<T>[]>;
  del(key: string): Promise<boolean>;
  mdel(keys: string[]): Promise<boolean>;
  /** When the value's time to live ends, in milliseconds since the epoch. `undefined` for one without end, or absent. */
  ttl(key: string): Promise<number | undefined>;
  clear(): Promise<boolean>;
  wrap<T>(
    key: string,
    load: () => T | Promise<T>,
    ttl?: number | ((value: T) => number),
    refreshThreshold?: number | ((value: T) => number),
  ): Promise<T>;
  wrap<T>(key: string, load: () => T | Promise<T>, options: FacadeWrapOptions<T>): Promise<T>;
  wrap<T>(
    key: string,
    load: () => T | Promise<T>,
    options: FacadeWrapOptions<T> & { readonly raw: true },
  ): Promise<FacadeStoredValue<T>>;
  on<E extends keyof FacadeEvents>(event: E, listener: FacadeEvents[E]): EventEmitter;
  on<E extends keyof UndeclaredEvents>(event: E, listener: UndeclaredEvents[E]): EventEmitter;
  off<E extends keyof FacadeEvents>(event: E, listener: FacadeEvents[E]): EventEmitter;
  off<E extends keyof UndeclaredEvents>(event: E, listener: UndeclaredEvents[E]): EventEmitter;
  /** Does nothing: the cache belongs to the host. */
  disconnect(): Promise<undefined>;
  cacheId(): string;
  /** Empty: there is no Keyv below. */
  stores: never[];
}

/** Options of {@link createCacheManagerFacade}. */
export interface FacadeOptions {
  /** For `wrap` calls that name none. @default 0 = never */
  readonly refreshThreshold?: number;
  /** @default the cache's namespace */
  readonly cacheId?: string;
}

/**
 * The cache as an object of cache-manager 7, so that code written for that (NestJS's `CACHE_MANAGER`) gets single-flight,
 * fenced loads, bounds, tags and events. Times to live are milliseconds: `undefined` is the cache's own `ttl`, 0 without
 * end, below 0 not at all. Unlike cache-manager, an invalidation during a `wrap` wins, and errors of the cache (a required
 * scope that is missing) reject instead of looking like a miss.
 *
 * ```ts
 * { provide: CACHE_MANAGER, useValue: createCacheManagerFacade(cache) }
 * ```
 */
export function createCacheManagerFacade(cache: CacheManager, options: FacadeOptions = {}): CacheManagerFacade {
  const emitter = new EventEmitter();
  const emit = (event: keyof FacadeEvents | keyof UndeclaredEvents, data: unknown): void => {
    try {
      emitter.emit(event, data);
    } catch (error) {
      cache.reportTrouble(error, `a listener of '${event}' of a cache-manager facade`);
    }
  };
  /** Runs an operation and tells of it, whichever way it ends. */
  const told = async <R>(
    event: keyof FacadeEvents | keyof UndeclaredEvents,
    facts: Record<string, unknown> | undefined,
    run: () => R | Promise<R>,
    outcome: (result: R) => Record<string, unknown> = () => ({}),
  ): Promise<R> => {
    let result: R;
    try {
      result = await run();
    } catch (error) {
      emit(event, facts ? { ...facts, error } : error);
      throw error;
    }
    emit(event, facts && { ...facts, ...outcome(result) });
    return result;
  };
  const expires = async (key: string): Promise<number | undefined> => {
    const { state, freshUntil } = (await cache.getEntry(key)) ?? {};
    return state === 'fresh' && Number.isFinite(freshUntil) ? freshUntil : undefined;
  };
  const store = async (list: readonly FacadeEntry<unknown>[]): Promise<void> => {
    const isStored = ({ ttl }: FacadeEntry<unknown>): boolean => ttl === undefined || ttl >= 0;
    // In one tick, and so in one round trip.
    await Promise.all([
      cache.setMany(
        list
          .filter(isStored)
          .map(({ key, value, ttl }) => [key, value, ttl === undefined ? {} : { ttl: endless(ttl) }] as const),
      ),
      cache.deleteMany(list.filter((entry) => !isStored(entry)).map(({ key }) => key)),
    ]);
  };
  const wrap = async <T>(
    key: string,
    load: () => T | Promise<T>,
    ttlOrOptions?: number | ((value: T) => number) | (FacadeWrapOptions<T> & { readonly raw?: true }),
    threshold?: number | ((value: T) => number),
  ): Promise<T | FacadeStoredValue<T>> => {
    const { ttl, refreshThreshold, raw } =
      typeof ttlOrOptions === 'object'
        ? { raw: undefined, ...ttlOrOptions }
        : { ttl: ttlOrOptions, refreshThreshold: threshold, raw: undefined };
    const run = (mode: 'default' | 'refresh'): Promise<T> =>
      cache.getOrSet(
        key,
        async (context) => {
          const value = await load();
          const kept = resolved(ttl, value);
          if (kept !== undefined && kept < 0) context.skip();
          else if (kept !== undefined) context.ttl(endless(kept));
          emit('set', { key, value });
          return value;
        },
        { cache: mode },
      );
    const hasThreshold = refreshThreshold !== undefined || options.refreshThreshold !== undefined;
    const before = hasThreshold ? await cache.getEntry(key) : undefined;
    const value = await run('default');
    if (before?.state === 'fresh' && cache.mode === 'on') {
      const least = resolved(refreshThreshold, value) ?? options.refreshThreshold ?? 0;
      if (before.freshForMs < least && !cache.inspect(key).inFlight) {
        run('refresh').then(
          (fresh) => emit('refresh', { key, value: fresh }),
          (error: unknown) => emit('refresh', { key, value, error }),
        );
      }
    }
    return raw ? { value, expires: await expires(key) } : value;
  };
  return {
    get: <T>(key: string) =>
      told(
        'get',
        { key },
        () => cache.get(key) as Promise<T | undefined>,
        (value) => ({ value }),
      ),
    mget: <T>(keys: string[]) =>
      told(
        'mget',
        { keys },
        async () => {
          const found = await cache.getMany(keys);
          return keys.map((key) => found.get(key) as T | undefined);
        },
        (values) => ({ values }),
      ),
    ttl: (key) =>
      told(
        'ttl',
        { key },
        () => expires(key),
        (value) => ({ value }),
      ),
    set: (key, value, ttl) =>
      told('set', { key, value }, () => store([ttl === undefined ? { key, value } : { key, value, ttl }])).then(
        () => value,
      ),
    mset: (list) =>
      told('mset', { list }, async () => {
        await store(list);
        return list;
      }),
    del: (key) => told('del', { key }, () => cache.delete(key)).then(() => true),
    mdel: (keys) => told('mdel', { keys }, () => cache.deleteMany(keys)).then(() => true),
    clear: () => told('clear', undefined, () => cache.clear()).then(() => true),
    wrap: wrap as CacheManagerFacade['wrap'],
    on: emitter.on.bind(emitter),
    off: emitter.off.bind(emitter),
    disconnect: async () => undefined,
    cacheId: () => options.cacheId ?? cache.namespace,
    stores: [],
  };
}

function endless(ttl: number): number {
  return ttl === 0 ? Number.POSITIVE_INFINITY : ttl;
}

function resolved<T>(option: number | ((value: T) => number) | undefined, value: T): number | undefined {
  return typeof option === 'function' ? option(value) : option;
}
