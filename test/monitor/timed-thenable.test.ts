import { describe, expect, it } from 'vitest';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { flushMicrotasks } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';
import { Query, SdkPromise } from './thenable-doubles.js';

const count = (monitor: PerformanceMonitor, name: string, labels?: Record<string, string>) =>
  monitor.getMetricStats(name, labels && { labels })?.count ?? 0;

describe('an answer that is awaited without being a plain promise', () => {
  it('settles as its own then says, whatever that returns', async () => {
    const { monitor } = monitorWorld();
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    const five = { then: (done: (value: number) => void) => void done(5) } as unknown as PromiseLike<number>;
    expect(await monitor.time('t', () => five)).toBe(5);
    expect(count(monitor, 't')).toBe(1);
  });

  it('stays what it is: methods, laziness, a run for each await, and afterwards no trace', async () => {
    const { clock, monitor } = monitorWorld();
    const made = new Query();
    const query = monitor.time('query', () => made);
    expect(query).toBe(made);
    clock.advance(10);
    await flushMicrotasks();
    expect([query.runs, monitor.reader.inFlight('query')]).toEqual([0, 1]);
    expect(await query.where('id = 1')).toBe('select id = 1');
    expect(await query).toBe('select id = 1');
    expect(query.runs).toBe(2);
    expect(monitor.getMetricStats('query')).toMatchObject({ count: 1, max: 10 });
    expect(Reflect.ownKeys(query)).toEqual(['parts', 'runs']);
  });

  it('may be a function', async () => {
    const { clock, monitor } = monitorWorld();
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    const call = Object.assign(() => 'called', { then: (done: (value: number) => void) => setImmediate(done, 5) });
    const answer = monitor.time('t', () => call);
    expect(answer()).toBe('called');
    const settled = (async () => await (answer as unknown as PromiseLike<number>))();
    clock.advance(30);
    expect(await settled).toBe(5);
    expect(monitor.getMetricStats('t')).toMatchObject({ count: 1, max: 30 });
  });

  it('that is frozen is answered as it is, timed up to here and told apart', async () => {
    const { monitor } = monitorWorld();
    const frozen = Object.freeze(new Query());
    expect(monitor.time('t', () => frozen)).toBe(frozen);
    expect(count(monitor, 't', { ended: 'unwatched' })).toBe(1);
  });

  it('that fails, at once too, is counted under the error', async () => {
    const { monitor } = monitorWorld();
    const error = new RangeError('no');
    const failing = (fail: (failed: (error: unknown) => void) => void) =>
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      ({ then: (_: unknown, failed: (error: unknown) => void) => fail(failed) }) as unknown as PromiseLike<number>;
    await expect((async () => await monitor.time('t', () => failing((failed) => failed(error))))()).rejects.toBe(error);
    const atOnce = failing(() => {
      throw error;
    });
    await expect((async () => await monitor.time('t', () => atOnce))()).rejects.toBe(error);
    expect(count(monitor, 't', { error: 'RangeError' })).toBe(2);
  });

  it('of a call within a call ends both', async () => {
    const { clock, monitor } = monitorWorld();
    const outer = monitor.time('outer', () => monitor.time('inner', () => new Query()));
    clock.advance(7);
    await outer;
    for (const name of ['outer', 'inner']) expect(monitor.getMetricStats(name)).toMatchObject({ count: 1, max: 7 });
  });
});

describe('a promise with methods of its own', () => {
  it('keeps them, whether its own or its class has them', async () => {
    const { clock, monitor } = monitorWorld();
    const made = Object.assign(Promise.resolve(1), { kill: () => 'killed' });
    const child = monitor.time('child', () => made);
    expect(child).toBe(made);
    expect(child.kill()).toBe('killed');
    clock.advance(3);
    expect(await child).toBe(1);
    expect(monitor.getMetricStats('child')).toMatchObject({ count: 1, max: 3 });
    expect([Object.getPrototypeOf(child), Reflect.ownKeys(child)]).toEqual([Promise.prototype, ['kill']]);
  });

  it('may be a proxy, which keeps what it adds', async () => {
    const { monitor } = monitorWorld();
    const get = (promise: Promise<number>, key: string | symbol) =>
      key === 'kill' ? () => 'killed' : (Reflect.get(promise, key) as (...args: unknown[]) => unknown).bind(promise);
    const child = monitor.time('child', () => new Proxy(Promise.resolve(1), { get })) as Promise<number> & {
      kill(): string;
    };
    expect([await child, child.kill(), count(monitor, 'child')]).toEqual([1, 'killed', 1]);
    // What can't be awaited without us can't be with us.
    for (const broken of [new Proxy(Promise.resolve(1), {}), Object.create(Promise.prototype) as Promise<number>]) {
      await expect((async () => await monitor.time('broken', () => broken))()).rejects.toThrow(TypeError);
    }
    expect(count(monitor, 'broken', { error: 'TypeError' })).toBe(2);
  });

  it('is seen to settle where one of its methods awaits it', async () => {
    const { monitor } = monitorWorld();
    const fetching = (outcome: Promise<string>) =>
      Object.assign(outcome, { json: async (): Promise<unknown> => JSON.parse(await outcome) });
    expect(await monitor.time('ok', () => fetching(Promise.resolve('[7]'))).json()).toEqual([7]);
    await expect(monitor.time('bad', () => fetching(Promise.reject(new RangeError('no')))).json()).rejects.toThrow(
      'no',
    );
    expect([count(monitor, 'ok'), count(monitor, 'bad', { error: 'RangeError' })]).toEqual([1, 1]);
  });

  it('never gets a then of its own, which would slow every promise of the process', () => {
    const { monitor } = monitorWorld();
    const promise = monitor.time('t', () => new SdkPromise(Promise.resolve(1)));
    expect(promise).toBeInstanceOf(SdkPromise);
    expect(Reflect.ownKeys(promise)).toEqual([]);
  });
});

describe('the promise of a model client', () => {
  const ways: Record<string, (promise: SdkPromise<number>) => Promise<unknown>> = {
    await: async (promise) => await promise,
    'then()': (promise) => promise.then((value) => value),
    'catch()': (promise) => promise.catch(() => 7),
    'finally()': (promise) => promise.finally(() => {}),
    'withResponse()': async (promise) => (await promise.withResponse()).data,
    'asResponse()': async (promise) => ((await promise.asResponse()).status === 200 ? 7 : 0),
    'a call around its own': (promise) => Promise.all([promise, promise.asResponse()]).then(([value]) => value),
  };

  it.each(Object.keys(ways))('is timed to its outcome by %s', async (way) => {
    const { clock, monitor } = monitorWorld();
    let settle!: (value: number) => void;
    const response = new Promise<number>((resolve) => {
      settle = resolve;
    });
    const outcome = ways[way]!(monitor.time('ask', () => new SdkPromise(response)));
    await flushMicrotasks();
    clock.advance(40);
    expect(monitor.reader.inFlight('ask')).toBe(1);
    settle(7);
    expect(await outcome).toBe(7);
    expect(monitor.getMetricStats('ask')).toMatchObject({ count: 1, max: 40 });
  });

  it.each(Object.keys(ways))('is counted under its error by %s', async (way) => {
    const { monitor } = monitorWorld();
    const failed = Promise.reject(new RangeError('no'));
    const outcome = ways[way]!(monitor.time('ask', () => new SdkPromise<number>(failed)));
    await outcome.catch(() => {});
    expect(count(monitor, 'ask', { error: 'RangeError' })).toBe(1);
  });

  it('is timed to the end of the stream that comes with its response', async () => {
    const { clock, monitor } = monitorWorld();
    async function* chunks() {
      clock.advance(5);
      yield 1;
      clock.advance(6);
    }
    const { data } = await monitor.time('ask', () => new SdkPromise(Promise.resolve(chunks()))).withResponse();
    expect(count(monitor, 'ask')).toBe(0);
    for await (const _ of data);
    expect(monitor.getMetricStats('ask')).toMatchObject({ count: 1, max: 11 });
    expect(count(monitor, 'ask_first_chunk')).toBe(1);
  });
});
