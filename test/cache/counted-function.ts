import { vi } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';
import { ManualClock } from '../manual-clock.js';

/** A cache on a manual clock, and the troubles it reports. */
export function build(options: ConstructorParameters<typeof CacheManager>[0] = {}) {
  const clock = new ManualClock();
  const cache = new CacheManager({ clock, jitter: 0, ...options });
  const troubles: { error: unknown; during: string }[] = [];
  cache.on('error', (trouble) => troubles.push(trouble));
  return { clock, cache, troubles };
}

/** A function that counts its runs and answers with them. */
export function counter() {
  return vi.fn(async (..._args: unknown[]): Promise<number> => runs.next());
}

/** A promise that the test ends. */
export function pending<T>(): { promise: Promise<T>; finish: (value: T) => void } {
  let finish: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    finish = resolve;
  });
  return { promise, finish };
}
/** Numbers of runs, never the same twice. */
export const runs = {
  last: 0,
  next(): number {
    return ++this.last;
  },
};
