import { describe, expect, it } from 'vitest';
import { monitorWorld } from './monitor-world.js';
import { SdkPromise } from './thenable-doubles.js';
import { unhandledDuring } from './unhandled-rejections.js';

describe('a rejection', () => {
  const error = new RangeError('no');
  const makers: Record<string, () => Promise<unknown>> = {
    'a plain promise': () => Promise.reject(error),
    'a promise with a method': () => Object.assign(Promise.reject(error), { kill() {} }),
    'a promise of a class': () => new (class Special<T> extends Promise<T> {})((_, reject) => reject(error)),
    "a model client's promise": () => new SdkPromise(Promise.reject(error)),
  };

  it.each(Object.keys(makers))('of %s that somebody handles is unhandled nowhere', async (kind) => {
    const { monitor } = monitorWorld();
    const seen = await unhandledDuring(async () => {
      await monitor.time('t', makers[kind]!).catch(() => {});
      await (async () => await monitor.time('t', makers[kind]!))().catch(() => {});
      await monitor.time('t', makers[kind]!).then(null, () => {});
      await Promise.allSettled([monitor.time('t', makers[kind]!)]);
      await monitor
        .time('t', makers[kind]!)
        .finally(() => {})
        .catch(() => {});
    });
    expect(seen).toEqual([]);
    expect(monitor.getMetricStats('t', { labels: { error: 'RangeError' } })?.count).toBe(5);
  });

  it.each(Object.keys(makers))('of %s that nobody handles is unhandled once', async (kind) => {
    const { monitor } = monitorWorld();
    const seen = await unhandledDuring(() => void monitor.time('t', makers[kind]!));
    expect(seen).toEqual([error]);
    const alsoSeen = await unhandledDuring(() => void monitor.time('t', makers[kind]!).then(() => {}));
    expect(alsoSeen).toEqual([error]);
  });
});
