import { describe, expect, it } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { flushMicrotasks } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';

const count = (monitor: PerformanceMonitor, name: string, labels?: Record<string, string>) =>
  monitor.getMetricStats(name, labels && { labels })?.count ?? 0;

describe('time', () => {
  it('of a sync function is that of its return, and its result is answered as it is', () => {
    const { clock, monitor } = monitorWorld();
    const answer = { rows: 3 };
    const result = monitor.time('load', () => {
      clock.advance(12);
      return answer;
    });
    expect(result).toBe(answer);
    expect(monitor.getMetricStats('load')).toMatchObject({ count: 1, max: 12 });
  });

  it('of a promise is that of its settling', async () => {
    const { clock, monitor } = monitorWorld();
    let settle!: (value: string) => void;
    const result = monitor.time(
      'load',
      () =>
        new Promise<string>((resolve) => {
          settle = resolve;
        }),
    );
    clock.advance(40);
    expect(monitor.reader.inFlight('load')).toBe(1);
    settle('done');
    expect(await result).toBe('done');
    expect(monitor.getMetricStats('load')).toMatchObject({ count: 1, max: 40 });
    expect(monitor.reader.inFlight('load')).toBe(0);
  });

  it('of what fails is counted under the error, which goes through untouched', async () => {
    const { monitor } = monitorWorld();
    const error = new RangeError('no');
    expect(() =>
      monitor.time('load', () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(monitor.time('load', () => Promise.reject(error))).rejects.toBe(error);
    await expect(monitor.time('load', () => Promise.reject(undefined))).rejects.toBeUndefined();
    expect(count(monitor, 'load', { error: 'RangeError' })).toBe(2);
    expect(count(monitor, 'load', { error: '' })).toBe(0);
    expect(count(monitor, 'load')).toBe(3);
  });

  it('asks a lazy thenable once', async () => {
    const { monitor } = monitorWorld();
    let runs = 0;
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: a query builder that runs when it is awaited
      then(done: (value: number) => unknown) {
        runs++;
        return Promise.resolve(7).then(done);
      },
    };
    expect(await monitor.time('query', () => lazy as PromiseLike<number>)).toBe(7);
    expect([runs, count(monitor, 'query')]).toEqual([1, 1]);
  });

  it('leaves a rejection that nobody handles unhandled', async () => {
    const { monitor } = monitorWorld();
    const seen: unknown[] = [];
    const listen = (reason: unknown): void => void seen.push(reason);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', listen);
    try {
      void monitor.time('load', () => Promise.reject(new Error('nobody cares')));
      await flushMicrotasks();
      await flushMicrotasks();
      expect(seen).toHaveLength(1);
    } finally {
      process.off('unhandledRejection', listen);
      for (const other of others) process.on('unhandledRejection', other);
    }
  });

  it('hands the timer to the function, for stages', async () => {
    const { clock, monitor } = monitorWorld();
    await monitor.time('ask', async (timer) => {
      timer.stage('sql');
      clock.advance(5);
      await null;
    });
    expect(monitor.getMetricStats('ask_stage', { labels: { stage: 'sql' } })).toMatchObject({ count: 1, max: 5 });
  });
});

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

  it('of the web can be given on to a Response, which ends the timer', async () => {
    const { monitor } = monitorWorld();
    const stream = monitor.time('ask', () => new Blob(['hello']).stream());
    expect(await new Response(stream).text()).toBe('hello');
    const read = monitor.time('ask', () => new Blob(['hello']).stream());
    const { value } = await read.getReader().read();
    expect(Buffer.from(value!).toString()).toBe('hello');
    expect(count(monitor, 'ask')).toBeGreaterThanOrEqual(1);
  });

  it('that can not be watched are timed up to here', () => {
    const { monitor } = monitorWorld();
    monitor.time('ask', () =>
      Object.freeze({
        async *[Symbol.asyncIterator]() {
          yield 1;
        },
      }),
    );
    expect(count(monitor, 'ask')).toBe(1);
  });
});

describe('monitorPerformance', () => {
  it('labels a call by its arguments and its result', async () => {
    const { monitor } = monitorWorld();
    const ask = monitorPerformance(monitor, 'ask', ([question]: [string], result: { cached: boolean } | undefined) => ({
      long: question.length > 3,
      cached: result?.cached ?? 'unknown',
    }))(async (question: string) => {
      if (question === '') throw new Error('empty');
      return { cached: question === 'hi' };
    });
    await ask('hi');
    await ask('hello');
    await ask('').catch(() => {});
    expect(count(monitor, 'ask', { long: 'false', cached: 'true' })).toBe(1);
    expect(count(monitor, 'ask', { long: 'true', cached: 'false' })).toBe(1);
    expect(count(monitor, 'ask', { cached: 'unknown', error: 'Error' })).toBe(1);
  });

  it('counts a call without labels when their callback throws, and reports it', () => {
    const { monitor, errors } = monitorWorld();
    const ask = monitorPerformance(monitor, 'ask', () => {
      throw new Error('bad callback');
    })(() => 7);
    expect(ask()).toBe(7);
    expect(count(monitor, 'ask')).toBe(1);
    expect(errors).toMatchObject([{ error: { message: 'bad callback' }, during: "the labels of 'ask'" }]);
  });

  it('keeps the receiver, the name and the length of what it wraps', () => {
    const { monitor } = monitorWorld();
    const service = {
      factor: 3,
      times(n: number) {
        return n * this.factor;
      },
    };
    service.times = monitorPerformance(monitor, 'times')(service.times);
    expect([service.times(4), service.times.name, service.times.length]).toEqual([12, 'times', 1]);
  });

  it('refuses what is no monitor, no name and no function', () => {
    const { monitor } = monitorWorld();
    expect(() => monitorPerformance({} as never, 'ask')).toThrow(
      'must be a PerformanceMonitor or (self) => PerformanceMonitor',
    );
    expect(() => monitorPerformance(monitor, '')).toThrow('name must be a string of 1 to 200 characters');
    expect(() => monitorPerformance(monitor, 'ask', 'fast' as never)).toThrow('labels must be an object');
    expect(() => monitorPerformance(monitor, 'ask')(7 as never)).toThrow('wraps functions and methods');
  });
});

describe('a monitor that is off', () => {
  it('runs what it is given and records nothing', async () => {
    const { clock, monitor } = monitorWorld({ mode: 'off' });
    expect(clock.pendingTimers).toBe(0);
    const ask = monitorPerformance(monitor, 'ask')(async (n: number) => n + 1);
    expect(await ask(1)).toBe(2);
    expect(monitor.time('ask', () => 5)).toBe(5);
    const timer = monitor.startTimer('ask');
    timer.stage('x');
    expect(timer.end()).toBe(0);
    const bound = monitor.series('tokens');
    bound.record(3);
    monitor.recordMetric('tokens', 3);
    monitor.mark('deploy');
    expect([count(monitor, 'ask'), count(monitor, 'tokens'), monitor.reader.marks().length]).toEqual([0, 0, 0]);
    monitor.mode = 'on';
    expect(clock.pendingTimers).toBe(1);
    bound.record(3);
    await ask(1);
    expect([count(monitor, 'ask'), count(monitor, 'tokens')]).toEqual([1, 1]);
    monitor.mode = 'off';
    expect(clock.pendingTimers).toBe(0);
    expect(() => {
      monitor.mode = 'maybe' as never;
    }).toThrow("mode must be 'on', 'off' or 'observe'");
  });
});

describe('a closed monitor', () => {
  it('records nothing more, and can still be read', async () => {
    const { clock, monitor } = monitorWorld();
    monitor.recordMetric('tokens', 3);
    const timer = monitor.startTimer('ask');
    await monitor.close();
    await monitor.close();
    timer.end();
    monitor.recordMetric('tokens', 4);
    monitor.mode = 'on';
    expect(clock.pendingTimers).toBe(0);
    expect(monitor.getMetricStats('tokens')).toMatchObject({ count: 1, max: 3 });
    expect(monitor.prometheus()).toContain('hotpath_tokens_count 1');
  });
});
