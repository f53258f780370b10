import {
  type CacheEvents,
  CacheManager,
  type CacheOptions,
  type Loader,
  type LoaderContext,
} from '../../src/cache/index.js';
import { ManualClock } from '../manual-clock.js';

interface LoaderCall<V> {
  readonly context: LoaderContext;
  resolve(value: V): void;
  reject(error: unknown): void;
}

/** A loader whose every run waits until the test ends it. */
export class DeferredLoader<V = string> {
  readonly calls: LoaderCall<V>[] = [];

  readonly load: Loader<V> = (context) =>
    new Promise<V>((resolve, reject) => {
      this.calls.push({ context, resolve, reject });
    });

  get runs(): number {
    return this.calls.length;
  }

  /** The newest run. */
  get last(): LoaderCall<V> {
    return this.calls.at(-1)!;
  }
}

/** A cache on a manual clock whose times are exact: no jitter and no early refresh unless asked for. */
export function testCache<V = string>(options: CacheOptions = {}): { cache: CacheManager<V>; clock: ManualClock } {
  const clock = new ManualClock();
  return { cache: new CacheManager<V>({ clock, jitter: 0, earlyRefresh: 0, ...options }), clock };
}

/** Collects the data of an event. */
export function heard<Name extends keyof CacheEvents, V>(cache: CacheManager<V>, name: Name): CacheEvents[Name][] {
  const list: CacheEvents[Name][] = [];
  cache.on(name, (data) => list.push(data));
  return list;
}
