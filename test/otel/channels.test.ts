import { channel } from 'node:diagnostics_channel';
import * as api from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/index.js';
import { CacheManager, type CacheOptions } from '../../src/cache/index.js';
import { MemoryManager } from '../../src/memory/index.js';
import type { OtelBridgeOptions } from '../../src/otel/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { ScriptedReader } from '../memory/scripted-reader.js';
import { TraceSdk, testBridge } from './otel-sdk.js';
import { TimerFeed } from './timer-feed.js';

function bridged(options: Partial<OtelBridgeOptions> = {}, cacheOptions: CacheOptions = {}) {
  const sdk = new TraceSdk();
  const clock = new ManualClock();
  const bridge = testBridge(new TimerFeed(), { tracer: sdk.tracer, api, clock, ...options });
  const cache = new CacheManager({ namespace: 'reports', clock, ...cacheOptions });
  return { sdk, clock, bridge, cache };
}

const eventsOf = (sdk: TraceSdk, name: string) =>
  sdk.span(name).events.map(({ name: event, attributes }) => ({ event, ...attributes }));

describe('cache events on the active span', () => {
  it('count hits and misses as its attributes, misses as events with their reason', async () => {
    const { sdk, cache } = bridged();
    await sdk.within('GET /ask', async () => {
      await cache.getOrSet('k', () => 'a value');
      await cache.getOrSet('k', () => 'a value');
      await cache.getOrSet('k', () => 'a value');
      await cache.get('another');
      await flushMicrotasks();
    });
    expect(sdk.span('GET /ask').attributes).toEqual({ 'hotpath.cache.hits': 2, 'hotpath.cache.misses': 2 });
    expect(eventsOf(sdk, 'GET /ask')).toEqual([
      { event: 'hotpath.cache.miss', 'hotpath.cache.namespace': 'reports', 'hotpath.cache.reason': 'absent' },
      { event: 'hotpath.cache.miss', 'hotpath.cache.namespace': 'reports', 'hotpath.cache.reason': 'absent' },
    ]);
  });

  it('keep keys and values to themselves, unless keys are asked for', async () => {
    const run = async (options: Partial<OtelBridgeOptions>): Promise<string> => {
      const { sdk, cache, bridge } = bridged(options);
      await sdk.within('GET /ask', async () => {
        await cache.getOrSet('user:42', () => 'top secret');
        await cache.getOrSet('user:42', () => 'top secret');
        await flushMicrotasks();
      });
      await bridge.close();
      const { attributes, events } = sdk.span('GET /ask');
      return JSON.stringify([attributes, events]);
    };
    const silent = await run({});
    expect(silent).not.toContain('user:42');
    expect(silent).not.toContain('secret');
    const asked = await run({ cacheKeys: true });
    expect(asked).toContain('"hotpath.cache.key":"user:42"');
    expect(asked).not.toContain('secret');
  });

  it('go to the span of the request that caused them', async () => {
    const { sdk, cache } = bridged();
    const ask = (name: string, keys: readonly string[]) =>
      sdk.within(name, async () => {
        for (const key of keys) {
          await flushMicrotasks();
          await cache.getOrSet(key, () => 1);
        }
        await flushMicrotasks();
      });
    await Promise.all([ask('a', ['x', 'x', 'x']), ask('b', ['y', 'y'])]);
    expect(sdk.span('a').attributes).toEqual({ 'hotpath.cache.misses': 1, 'hotpath.cache.hits': 2 });
    expect(sdk.span('b').attributes).toEqual({ 'hotpath.cache.misses': 1, 'hotpath.cache.hits': 1 });
  });

  it('stand at each of the requests that wait for one load in one turn', async () => {
    const { sdk, cache } = bridged();
    const ask = (name: string) =>
      sdk.within(name, async () => {
        await cache.getOrSet('k', async () => 1);
        await cache.getOrSet('k', async () => 1);
        await flushMicrotasks();
      });
    await Promise.all(['a', 'b', 'c'].map(ask));
    for (const name of ['a', 'b', 'c']) {
      expect(sdk.span(name).attributes, name).toEqual({ 'hotpath.cache.misses': 1, 'hotpath.cache.hits': 1 });
    }
  });

  it('tell of stale values, failed loads and values that were not stored', async () => {
    const { sdk, cache, clock } = bridged({}, { ttl: 10, stale: 1_000 });
    await cache.getOrSet('k', () => 1);
    await sdk.within('GET /ask', async () => {
      clock.advance(20);
      await cache.getOrSet('k', () => {
        throw Object.assign(new Error('no answer of secret'), { code: 'ETIMEDOUT' });
      });
      await cache.getOrSet('void', () => undefined);
      await flushMicrotasks();
    });
    const told = eventsOf(sdk, 'GET /ask');
    expect(told).toContainEqual(
      expect.objectContaining({
        event: 'hotpath.cache.stale',
        'hotpath.cache.tier': 'memory',
        'hotpath.cache.refresh': 'started',
      }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ event: 'hotpath.cache.load_error', 'error.type': 'ETIMEDOUT' }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ event: 'hotpath.cache.skip', 'hotpath.cache.reason': 'undefined' }),
    );
    expect(sdk.span('GET /ask').attributes).toMatchObject({
      'hotpath.cache.stale_hits': 1,
      'hotpath.cache.load_errors': 1,
    });
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('tell that the shared tier went away', async () => {
    const { sdk } = bridged();
    await sdk.within('GET /ask', () => {
      channel('hotpath:cache:remote:down').publish({ namespace: 'reports', reason: 'x'.repeat(1_000) });
    });
    expect(eventsOf(sdk, 'GET /ask')).toEqual([
      {
        event: 'hotpath.cache.remote_down',
        'hotpath.cache.namespace': 'reports',
        'hotpath.cache.reason': 'x'.repeat(200),
      },
    ]);
  });

  it('are bounded: after 64 events of a span they are only counted', async () => {
    const { sdk, cache } = bridged();
    await sdk.within('GET /ask', async () => {
      for (let i = 0; i < 100; i++) await cache.get(`k${i}`);
      await flushMicrotasks();
    });
    expect(sdk.span('GET /ask').events).toHaveLength(64);
    expect(sdk.span('GET /ask').attributes).toEqual({ 'hotpath.cache.misses': 100 });
  });

  it('leave hits alone where they are not wanted: the cache is not made to tell them', async () => {
    const { sdk, cache, bridge } = bridged({ cacheHits: false });
    expect(channel('hotpath:cache:hit').hasSubscribers).toBe(false);
    await sdk.within('GET /ask', async () => {
      await cache.getOrSet('k', () => 1);
      await cache.getOrSet('k', () => 1);
      await flushMicrotasks();
    });
    expect(sdk.span('GET /ask').attributes).toEqual({ 'hotpath.cache.misses': 1 });
    expect(bridge.stats().troubles).toBe(0);
  });

  it('are not listened to where no module is named, without tracer and api, and after close', async () => {
    const heard = () => channel('hotpath:cache:miss').hasSubscribers;
    const off = bridged({ channels: [] });
    expect(heard()).toBe(false);
    await off.bridge.close();
    const on = bridged();
    expect(heard()).toBe(true);
    await on.bridge.close();
    expect(heard()).toBe(false);
  });

  it('leave a span alone that records nothing', async () => {
    const unsampled = {
      isRecording: () => false,
      setAttribute() {
        throw new Error('nobody will see it');
      },
    };
    const { cache, bridge } = bridged({
      api: { context: api.context, trace: { getActiveSpan: () => unsampled as never, setSpan: api.trace.setSpan } },
    });
    await cache.get('k');
    await flushMicrotasks();
    expect(bridge.stats().troubles).toBe(0);
  });

  it('do nothing without an active span, and survive a span that fails', async () => {
    const { cache, bridge } = bridged();
    await cache.get('k');
    await flushMicrotasks();
    expect(bridge.stats().troubles).toBe(0);
    await bridge.close();
    const broken = {
      isRecording: () => true,
      setAttribute() {
        throw new Error('broken span');
      },
    };
    const again = bridged({
      api: { context: api.context, trace: { getActiveSpan: () => broken as never, setSpan: api.trace.setSpan } },
    });
    expect(await again.cache.get('k', 'mine')).toBe('mine');
    await flushMicrotasks();
    expect(again.bridge.stats().troubles).toBe(1);
  });
});

describe('events of a processor on the active span', () => {
  it('tell of retries, with the type of the error and never its text, at the request whose call it is', async () => {
    const { sdk } = bridged();
    const processor = new AsyncProcessor({ name: 'model', retry: { attempts: 2, backoff: 0 } });
    let calls = 0;
    const ask = (name: string, failures: number) =>
      sdk.within(name, async () => {
        const call = processor.run(() => {
          if (calls++ < failures)
            throw Object.assign(new Error('a prompt of the host'), { status: 503, code: 'E_BUSY' });
          return 'well';
        });
        await call.catch(() => {});
        await flushMicrotasks();
      });
    await ask('GET /one', 1);
    await ask('GET /two', 100);
    await processor.close();
    expect(sdk.span('GET /one').attributes).toEqual({ 'hotpath.async.retries': 1 });
    const [retry] = eventsOf(sdk, 'GET /one');
    expect(retry).toMatchObject({
      event: 'hotpath.async.retry',
      ...{ 'hotpath.async.namespace': 'model', 'hotpath.async.attempt': 1, 'hotpath.async.status': 503 },
      ...{ 'hotpath.async.reason': 'overloaded', 'error.type': 'E_BUSY' },
    });
    const refused = eventsOf(sdk, 'GET /two').at(-1);
    expect(refused).toMatchObject({ event: 'hotpath.async.retry_refused', 'hotpath.async.why': 'attempts' });
    expect(JSON.stringify(['GET /one', 'GET /two'].map((name) => eventsOf(sdk, name)))).not.toContain('prompt');
  });

  it('name neither groups nor the reason of a breaker, and count no calls', async () => {
    const { sdk } = bridged();
    await sdk.within('GET /ask', async () => {
      const secret = { namespace: 'model', group: 'a tenant', reason: 'a prompt of the host' };
      channel('hotpath:async:drop').publish({ ...secret, why: 'full', priority: 0, waitedMs: 5 });
      channel('hotpath:async:breaker').publish({ ...secret, state: 'open' });
      await flushMicrotasks();
    });
    expect(eventsOf(sdk, 'GET /ask')).toMatchObject([
      { event: 'hotpath.async.drop', 'hotpath.async.why': 'full', 'hotpath.async.waited_ms': 5 },
      { event: 'hotpath.async.breaker', 'hotpath.async.state': 'open' },
    ]);
    expect(JSON.stringify(eventsOf(sdk, 'GET /ask'))).not.toMatch(/tenant|prompt/);
    expect(channel('hotpath:async:settled').hasSubscribers).toBe(false);
  });
});

describe('events of a memory manager on the active span', () => {
  function managed() {
    const { sdk, clock } = bridged();
    const reader = new ScriptedReader();
    const memory = new MemoryManager({ name: 'main', clock, reader, gc: 'off' });
    memory.register('answers', { trim: () => 300 * 2 ** 20 });
    return { sdk, reader, memory };
  }

  it('tell the request that was refused, and the one that found the level to be another', async () => {
    const { sdk, reader, memory } = managed();
    reader.heapUsedMb = 950;
    const ask = (name: string) =>
      sdk.within(name, async () => {
        memory.admit();
        await flushMicrotasks();
      });
    await ask('GET /one');
    await ask('GET /two');
    await memory.close();
    expect(eventsOf(sdk, 'GET /one')).toEqual([
      {
        event: 'hotpath.memory.level',
        ...{ 'hotpath.memory.namespace': 'main', 'hotpath.memory.level': 'critical' },
        ...{ 'hotpath.memory.previous': 'normal', 'hotpath.memory.signal': 'heap', 'hotpath.memory.fraction': 0.95 },
      },
      {
        event: 'hotpath.memory.shed',
        ...{ 'hotpath.memory.namespace': 'main', 'hotpath.memory.level': 'critical', 'hotpath.memory.refused': 1 },
      },
    ]);
    // Told once a second.
    expect(eventsOf(sdk, 'GET /two')).toEqual([]);
  });

  it('tell what was trimmed in the request that asked for it, and nothing of what the manager does by itself', async () => {
    const { sdk, reader, memory } = managed();
    reader.heapUsedMb = 950;
    await sdk.within('GET /report', async () => {
      await memory.optimizeMemory();
      await flushMicrotasks();
    });
    const trim = eventsOf(sdk, 'GET /report').find(({ event }) => event === 'hotpath.memory.trim');
    expect(trim).toMatchObject({
      ...{ 'hotpath.memory.name': 'answers', 'hotpath.memory.outcome': 'freed', 'hotpath.memory.fraction': 1 },
      ...{ 'hotpath.memory.freed_bytes': 300 * 2 ** 20 },
    });
    memory.start();
    await sdk.within('GET /other', () => flushMicrotasks());
    await memory.close();
    expect(eventsOf(sdk, 'GET /other')).toEqual([]);
  });

  it('are not listened to where they are calls, or no request is to know of them', () => {
    managed();
    const heard = ['call', 'leak', 'leak:profile', 'error'].filter(
      (name) => channel(`hotpath:memory:${name}`).hasSubscribers,
    );
    expect(heard).toEqual([]);
  });
});
