import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { batched } from '../../src/async/batched.js';
import { limited } from '../../src/async/limited.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { HeldCalls } from './held-calls.js';

const down = Object.assign(new Error('down'), { status: 503 });

describe('what stands on a processor', () => {
  let clock: ManualClock;
  let batches: string[][];

  beforeEach(() => {
    clock = new ManualClock();
    batches = [];
  });

  const loadMany = async (keys: readonly string[]): Promise<string[]> => {
    batches.push([...keys]);
    return keys.map((key) => key.toUpperCase());
  };

  it('a batcher: its calls go through all layers, equal keys once', async () => {
    const processor = new AsyncProcessor({ retry: { attempts: 2, backoff: 10 }, clock });
    let failures = 1;
    const load = processor.batcher(async (keys: readonly string[]) => {
      const answers = await loadMany(keys);
      if (failures-- > 0) throw down;
      return answers;
    });
    const all = Promise.all(['a', 'b', 'a'].map((key) => load(key)));
    for (let i = 0; i < 5; i++) await clock.advanceAsync(10);
    expect(await all).toEqual(['A', 'B', 'A']);
    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(processor.stats()).toMatchObject({ completed: 1, retried: 1 });
  });

  it('a batcher: what it gathers is sent when its processor is drained or closed', async () => {
    const processor = new AsyncProcessor({ clock });
    const load = processor.batcher(loadMany, { maxWait: '1m' });
    const first = load('a');
    await processor.drain();
    expect(await first).toBe('A');
    const second = load('b');
    await processor.close();
    expect(await second).toBe('B');
    const late = load('c');
    load.flush();
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('batched: calls take the slots that all others take', async () => {
    const processor = new AsyncProcessor({ concurrency: 1 });
    const calls = new HeldCalls<string>();
    const busy = processor.run(calls.as('busy'));
    const load = batched(processor)(loadMany);
    const both = Promise.all([load('a'), load('b')]);
    await flushMicrotasks();
    expect([batches, processor.stats().queued]).toEqual([[], 1]);
    calls.succeedAll();
    await busy;
    expect(await both).toEqual(['A', 'B']);
    expect(batches).toEqual([['a', 'b']]);
  });

  it('limited: reserves tokens by its arguments, and settles by its result', async () => {
    const processor = new AsyncProcessor({ rateLimit: { tokensPerMinute: 100 }, clock });
    const asked: string[] = [];
    const ask = limited(processor, { tokens: (text: string) => text.length, settle: () => 1 })(async (text: string) => {
      asked.push(text);
      return text;
    });
    const long = 'x'.repeat(90);
    // Each uses one of the 90 that it reserves: the next one finds room at once.
    for (let i = 0; i < 10; i++) expect(await ask(long)).toBe(long);
    await expect(ask('x'.repeat(101))).rejects.toMatchObject({ code: 'RATE_LIMIT_TOO_SMALL' });
    expect(asked).toHaveLength(10);
  });

  it('limited: a function that is handed the signal of its attempt stops before the next one starts', async () => {
    const processor = new AsyncProcessor({ concurrency: 1, retry: { attempts: 3, backoff: 1 }, timeout: 100, clock });
    let running = 0;
    const most: number[] = [];
    const ask = limited(processor, {
      attemptArgs: ([text]: [text: string, signal?: AbortSignal], { signal }) => [text, signal],
    })(async (_text: string, signal?: AbortSignal): Promise<never> => {
      most.push(++running);
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          running--;
          reject(signal.reason);
        });
      });
    });
    const failed = expect(ask('a')).rejects.toMatchObject({ code: 'TIMEOUT' });
    for (let i = 0; i < 40; i++) await clock.advanceAsync(25);
    await failed;
    expect(most).toEqual([1, 1, 1]);
    expect(processor.stats()).toMatchObject({ timedOut: 3, abandoned: 0 });
  });

  it('limited: arguments that cannot be made are not tried again', async () => {
    const processor = new AsyncProcessor({ retry: 3 });
    const error = new Error('cannot');
    let asked = 0;
    let made = 0;
    const ask = limited(processor, {
      attemptArgs: () => {
        asked++;
        throw error;
      },
    })(async () => ++made);
    await expect(ask()).rejects.toBe(error);
    expect([asked, made]).toEqual([1, 0]);
  });

  it('a request that is larger than the whole rate limit: no second attempt, and no pause for others', async () => {
    const processor = new AsyncProcessor({ retry: 3, clock });
    const pauses: number[] = [];
    processor.on('cooldown', ({ ms }) => pauses.push(ms));
    const tooLarge = Object.assign(new Error('Request too large for m: Limit 10000, Requested 12000'), {
      ...{ status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after': '60' } },
    });
    let calls = 0;
    const refused = processor.run(() => {
      calls++;
      throw tooLarge;
    });
    await expect(refused).rejects.toBe(tooLarge);
    expect(await processor.run(() => 'next')).toBe('next');
    expect([calls, pauses]).toEqual([1, []]);
  });

  it('an estimate: by its limits, or by what it has seen', async () => {
    const items = Array.from({ length: 300 }, (_, i) => i);
    const rated = new AsyncProcessor({ rateLimit: { requestsPerMinute: 100, tokensPerMinute: 1_000 }, clock });
    const options = { tokens: () => 10, price: 2 };
    expect(await rated.estimate(items, options)).toMatchObject({
      items: 300,
      requests: 300,
      tokens: 3_000,
      limitedBy: 'requests',
    });
    expect(await rated.estimate(items, { tokens: () => 100 })).toMatchObject({ limitedBy: 'tokens', cost: undefined });
    expect((await rated.estimate(items, options)).cost).toBeCloseTo(0.006);
    const plain = new AsyncProcessor({ concurrency: 10, clock });
    expect(await plain.estimate(items)).toMatchObject({ minutes: undefined, limitedBy: 'nothing known' });
    const calls = new HeldCalls<number>();
    const seen = plain.run(calls.as(1));
    await clock.advanceAsync(2_000);
    calls.succeedAll();
    await seen;
    const { minutes, limitedBy } = await plain.estimate(items);
    expect([minutes, limitedBy]).toEqual([1, 'concurrency']);
  });
});
