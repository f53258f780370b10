import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import { permanent } from '../../src/async/retry/permanent.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { HeldCalls } from './held-calls.js';

const busy = (status: number, headers: Record<string, string> = {}): Error =>
  Object.assign(new Error(`status ${status}`), { status, headers });
const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

describe('a call that fails', () => {
  let clock: ManualClock;
  let starts: number[];

  beforeEach(() => {
    clock = new ManualClock();
    starts = [];
  });

  const world = (retry: AsyncProcessorOptions['retry'], options: AsyncProcessorOptions = {}) => {
    // The longest waits there are: the random part is checked beside its function.
    const processor = new AsyncProcessor({ clock, random: () => 1 - 2 ** -40, retry: retry as never, ...options });
    const events: string[] = [];
    processor.on('retry', ({ attempt, delayMs, reason, status }) =>
      events.push(`retry ${attempt} ${Math.round(delayMs)} ${reason} ${status}`),
    );
    processor.on('retry:refused', ({ attempt, why }) => events.push(`refused ${attempt} ${why}`));
    processor.on('cooldown', ({ ms, status }) => events.push(`cooldown ${ms} ${status}`));
    return { processor, events };
  };

  /** Fails with these in turn, then succeeds. */
  const failing = (...errors: readonly unknown[]) => {
    const began = clock.now();
    const left = [...errors];
    return async () => {
      starts.push(Math.round(clock.now() - began));
      if (left.length > 0) throw left.shift();
      return 'answer';
    };
  };

  /** Lets an hour pass, a bit at a time, and says how the call ended. */
  const endOf = async (call: Promise<unknown>): Promise<unknown> => {
    let end: unknown;
    call.then(
      (value) => {
        end = value;
      },
      (error: unknown) => {
        end = error;
      },
    );
    await flushMicrotasks();
    for (let s = 0; s < 600 && end === undefined; s++) await clock.advanceAsync(s < 500 ? 100 : 30_000);
    return end;
  };

  it('is tried again after waits that double, up to the bound', async () => {
    const { processor, events } = world({ attempts: 6, backoff: 1_000, maxBackoff: '4s' });
    const fn = failing(reset, reset, reset, reset, reset);
    expect(await endOf(processor.run(fn))).toBe('answer');
    expect(starts).toEqual([0, 1_000, 3_000, 7_000, 11_000, 15_000]);
    expect(events).toEqual(
      [1_000, 2_000, 4_000, 4_000, 4_000].map((ms, i) => `retry ${i + 1} ${ms} transient undefined`),
    );
    expect(processor.stats()).toMatchObject({ completed: 1, failed: 0, retried: 5 });
  });

  it('tells the function which attempt it is, and the outcome how many there were and how long it waited', async () => {
    const { processor } = world({ attempts: 3, backoff: 1_000 });
    const attempts: number[] = [];
    const batch = processor.process(
      ['x'],
      async (_item, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw reset;
      },
      { onError: 'settle' },
    );
    const [outcome] = (await endOf(batch)) as { attempts: number; queueMs: number }[];
    expect(attempts).toEqual([1, 2, 3]);
    expect(outcome).toMatchObject({ status: 'fulfilled', attempts: 3 });
    expect(outcome!.queueMs).toBeCloseTo(3_000, 3);
  });

  it('fails with its last error when all attempts are used', async () => {
    const { processor, events } = world(3);
    const last = busy(502);
    expect(await endOf(processor.run(failing(reset, reset, last)))).toBe(last);
    expect([starts.length, events.at(-1)]).toEqual([3, 'refused 3 attempts']);
  });

  it('is not tried again where nothing says so', async () => {
    for (const retry of [undefined, 1, { attempts: 1 }]) {
      const { processor, events } = world(retry);
      expect(processor.retries).toBe(false);
      expect(await endOf(processor.run(failing(reset)))).toBe(reset);
      expect(events).toEqual([]);
    }
    expect(starts).toHaveLength(3);
  });

  it('is not tried again where another attempt cannot help', async () => {
    const { processor, events } = world({ attempts: 5 });
    const hopeless = [permanent(new Error('marked')), busy(400), busy(401), busy(404), new TypeError('a mistake')];
    for (const error of hopeless) expect(await endOf(processor.run(failing(error, error)))).toBe(error);
    expect([starts.length, events]).toEqual([hopeless.length, []]);
  });

  it('is tried again as `when` says, except where it was marked permanent', async () => {
    const asked: unknown[] = [];
    const { processor } = world({ attempts: 5, when: (error, attempt) => asked.push([error, attempt]) < 3 });
    const notFound = busy(404);
    expect(await endOf(processor.run(failing(notFound, notFound, notFound, notFound)))).toBe(notFound);
    expect([starts.length, asked]).toEqual([3, [1, 2, 3].map((attempt) => [notFound, attempt])]);
    const marked = permanent(new Error('marked'));
    expect(await endOf(processor.run(failing(marked)))).toBe(marked);
  });

  it('fails with its own error where `when` throws, which is told', async () => {
    const broken = new Error('when');
    const when = () => {
      throw broken;
    };
    const { processor } = world({ attempts: 5, when });
    const troubles: unknown[] = [];
    processor.on('error', ({ error, during }) => troubles.push([error, during]));
    expect(await endOf(processor.run(failing(reset)))).toBe(reset);
    expect(troubles).toEqual([[broken, 'retry.when']]);
  });

  it('waits for as long as the service asks, and not longer than it is willing to', async () => {
    const { processor, events } = world({ attempts: 3, maxRetryAfter: '20s' });
    expect(await endOf(processor.run(failing(busy(429, { 'retry-after': '7' }))))).toBe('answer');
    // A tenth of it is added at random, so that not all come back at once.
    expect(starts).toEqual([0, 7_700]);
    expect(events).toEqual(['retry 1 7700 rate-limited 429', 'cooldown 7000 429'].reverse());
    const long = busy(429, { 'retry-after': '21' });
    expect(await endOf(processor.run(failing(long)))).toBe(long);
    expect(events.slice(2)).toEqual(['refused 1 retry-after']);
  });

  it('obeys the headers that the function has shown, where the error has none', async () => {
    const { processor } = world(3);
    const fn = failing(Object.assign(new Error('too many'), { status: 429 }));
    const call = processor.run(({ headers }) => {
      headers({ 'retry-after': '4' });
      return fn();
    });
    await endOf(call);
    expect(starts).toEqual([0, 4_400]);
  });

  it('makes all others pause too when it was refused for its rate', async () => {
    const { processor, events } = world(2, { concurrency: 4 });
    const calls = new HeldCalls<string>();
    const refused = processor.run(calls.as('a'));
    const beside = processor.run(calls.as('b'));
    await flushMicrotasks();
    calls.of('a').fail(busy(429, { 'retry-after': '10' }));
    await flushMicrotasks();
    const later = processor.run(calls.as('c'));
    const batch = processor.process(['d'], calls.forItem);
    await flushMicrotasks();
    expect(processor.stats()).toMatchObject({ coolDownMs: 10_000, active: 1 });
    calls.of('b').succeed();
    await beside;
    await clock.advanceAsync(9_999);
    expect([calls.begun, processor.stats().queued]).toEqual([['a', 'b'], 2]);
    await clock.advanceAsync(1);
    expect(calls.begun).toEqual(['a', 'b', 'c', 'd']);
    await clock.advanceAsync(1_000);
    for (let i = 0; i < 3; i++) {
      calls.succeedAll();
      await flushMicrotasks();
    }
    await Promise.all([refused, later, batch]);
    expect(calls.begun).toHaveLength(5);
    expect(events.filter((event) => event.startsWith('cooldown'))).toEqual(['cooldown 10000 429']);
    expect(processor.stats().rateLimitedMs).toBeGreaterThanOrEqual(10_000);
  });

  it('makes all others pause for a backoff of its own where a 429 says nothing, doubled if it comes again', async () => {
    const { processor, events } = world({ attempts: 4, backoff: 1_000 });
    const rude = busy(429);
    expect(await endOf(processor.run(failing(rude, rude)))).toBe('answer');
    const coolDowns = () => events.filter((event) => event.startsWith('cooldown'));
    expect(coolDowns()).toEqual(['cooldown 1000 429', 'cooldown 2000 429']);
    // A success between them makes the next one the first again.
    await endOf(processor.run(failing(rude)));
    expect(coolDowns().at(-1)).toBe('cooldown 1000 429');
  });

  it('pauses others once when several are refused together', async () => {
    const { processor, events } = world({ attempts: 2, backoff: 1_000 }, { concurrency: 10 });
    const calls = new HeldCalls<number>();
    const batch = processor.process(Array(10).keys(), calls.forItem);
    await flushMicrotasks();
    clock.advance(50);
    for (const call of [...calls.running]) call.fail(busy(429));
    await flushMicrotasks();
    expect(events.filter((event) => event.startsWith('cooldown'))).toEqual(['cooldown 1000 429']);
    for (let i = 0; i < 20; i++) {
      await clock.advanceAsync(500);
      calls.succeedAll();
    }
    expect(await batch).toHaveLength(10);
  });

  it('does not retry more than the budget allows', async () => {
    const { processor, events } = world({ attempts: 2, backoff: 1, budget: 0.5 }, { concurrency: 100 });
    const batch = processor.process(
      Array(60).keys(),
      async (_item, { attempt }) => {
        if (attempt === 1) throw reset;
      },
      { onError: 'settle' },
    );
    const outcomes = (await endOf(batch)) as { status: string }[];
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(30);
    expect(events.filter((event) => event === 'refused 1 budget')).toHaveLength(30);
  });

  it('does not begin another attempt when too much time has passed since the first', async () => {
    const { processor, events } = world({ attempts: 100, backoff: 10_000, maxBackoff: 10_000, maxElapsed: '45s' });
    expect(await endOf(processor.run(failing(...Array(99).fill(reset))))).toBe(reset);
    expect([starts, events.at(-1)]).toEqual([[0, 10_000, 20_000, 30_000, 40_000], 'refused 5 elapsed']);
  });

  it('is tried again after a timeout', async () => {
    const { processor, events } = world({ attempts: 2, backoff: 1 }, { timeout: '5s', grace: 0 });
    const calls = new HeldCalls<string>();
    const call = processor.run(calls.as('a'));
    await flushMicrotasks();
    await clock.advanceAsync(5_000);
    await clock.advanceAsync(1_000);
    expect(events).toEqual(['retry 1 1 overloaded undefined']);
    calls.running[1]!.succeed('second');
    expect(await call).toBe('second');
  });
});
