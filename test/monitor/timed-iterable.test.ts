import { describe, expect, it } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';

const count = (monitor: PerformanceMonitor, name: string, labels?: Record<string, string>) =>
  monitor.getMetricStats(name, labels && { labels })?.count ?? 0;

describe('async iterators', () => {
  async function* chunks(clock: { advance(ms: number): void }, ...times: number[]) {
    for (const ms of times) {
      clock.advance(ms);
      yield ms;
    }
    clock.advance(1);
  }

  it('are timed to their end, with time to the first chunk and between chunks', async () => {
    const { clock, monitor } = monitorWorld();
    const ask = monitorPerformance(monitor, 'ask')(() => chunks(clock, 300, 20, 40));
    const read: number[] = [];
    for await (const chunk of ask()) read.push(chunk);
    expect(read).toEqual([300, 20, 40]);
    expect(monitor.getMetricStats('ask')).toMatchObject({ count: 1, max: 361 });
    expect(monitor.getMetricStats('ask_first_chunk')).toMatchObject({ count: 1, max: 300 });
    expect(monitor.getMetricStats('ask_between_chunks')).toMatchObject({ count: 2, max: 40 });
  });

  it('that are left early end there, and the generator is told', async () => {
    const { clock, monitor } = monitorWorld();
    let finished = false;
    async function* answer() {
      try {
        yield* chunks(clock, 10, 20, 30);
      } finally {
        finished = true;
      }
    }
    for await (const chunk of monitor.time('ask', answer)) if (chunk === 20) break;
    expect(finished).toBe(true);
    expect(monitor.getMetricStats('ask')).toMatchObject({ count: 1, max: 30 });
    expect(monitor.reader.inFlight('ask')).toBe(0);
  });

  it('that fail are counted under the error', async () => {
    const { monitor } = monitorWorld();
    async function* answer(): AsyncGenerator<number> {
      yield 1;
      throw new TypeError('broken off');
    }
    await expect(async () => {
      for await (const _ of monitor.time('ask', answer));
    }).rejects.toThrow('broken off');
    expect(count(monitor, 'ask', { error: 'TypeError' })).toBe(1);
  });

  it('answered by a promise are timed to their end too', async () => {
    const { clock, monitor } = monitorWorld();
    const stream = await monitor.time('ask', async () => chunks(clock, 5, 6));
    expect(count(monitor, 'ask')).toBe(0);
    for await (const _ of stream);
    expect(monitor.getMetricStats('ask')).toMatchObject({ count: 1, max: 12 });
  });

  it('stay the objects they are: fields, methods, brand', async () => {
    const { monitor } = monitorWorld();
    class SdkStream {
      #secret = 7;
      controller = new AbortController();
      secret() {
        return this.#secret;
      }
      async *[Symbol.asyncIterator]() {
        yield this.#secret;
      }
    }
    const made = new SdkStream();
    const stream = monitor.time('ask', () => made);
    expect(stream).toBe(made);
    expect(stream.secret()).toBe(7);
    for (let loop = 0; loop < 2; loop++) for await (const chunk of stream) expect(chunk).toBe(7);
    // A second loop is not a second request.
    expect(count(monitor, 'ask')).toBe(1);
  });

  it('that can not be watched are timed up to here, and told apart', () => {
    const { monitor } = monitorWorld();
    const frozen = Object.freeze({
      async *[Symbol.asyncIterator]() {
        yield 1;
      },
    });
    expect(monitor.time('ask', () => frozen)).toBe(frozen);
    expect([count(monitor, 'ask', { ended: 'unwatched' }), monitor.reader.inFlight('ask')]).toEqual([1, 0]);
  });

  it('are as they were when they have been read', async () => {
    const { clock, monitor } = monitorWorld();
    const iterate = () => chunks(clock, 1, 2);
    const own = { [Symbol.asyncIterator]: iterate };
    for await (const _ of monitor.time('ask', () => own));
    expect(own[Symbol.asyncIterator]).toBe(iterate);
    const generator = monitor.time('ask', () => chunks(clock, 1));
    for await (const _ of generator);
    expect([Reflect.ownKeys(generator), count(monitor, 'ask')]).toEqual([[], 2]);
  });

  it('answered again and again are watched once, by the first call', async () => {
    const { clock, monitor } = monitorWorld();
    const shared = { [Symbol.asyncIterator]: () => chunks(clock, 1, 2, 3) };
    for (let call = 0; call < 20_000; call++) monitor.time('ask', () => shared);
    expect(monitor.reader.inFlight('ask')).toBe(1);
    for await (const _ of shared);
    expect([count(monitor, 'ask', { ended: '' }), count(monitor, 'ask', { ended: 'unwatched' })]).toEqual([1, 19_999]);
    expect(count(monitor, 'ask_between_chunks')).toBe(2);
  });

  it('answered to many calls at a time end eight of them', async () => {
    const { clock, monitor } = monitorWorld();
    const shared = chunks(clock, 1);
    await Promise.all(Array.from({ length: 20 }, () => monitor.time('ask', async () => shared)));
    expect([monitor.reader.inFlight('ask'), count(monitor, 'ask', { ended: 'unwatched' })]).toEqual([8, 12]);
    for await (const _ of shared);
    expect(count(monitor, 'ask', { ended: '' })).toBe(8);
  });

  it('of calls within calls end all of them', async () => {
    const { clock, monitor } = monitorWorld();
    const model = monitorPerformance(monitor, 'model')(async () => chunks(clock, 5, 6));
    const ask = monitorPerformance(monitor, 'ask')(async () => await model());
    for await (const _ of await ask());
    for (const name of ['ask', 'model']) {
      expect(monitor.getMetricStats(name)).toMatchObject({ count: 1, max: 12 });
      expect(count(monitor, `${name}_between_chunks`)).toBe(1);
    }
  });
});
