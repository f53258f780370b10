import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { BreakerOpenError } from '../../src/async/errors.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import { permanent } from '../../src/async/retry/permanent.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { answerTo, HeldCalls } from './held-calls.js';

const down = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
const fails = () => Promise.reject(down);

describe('a breaker', () => {
  let clock: ManualClock;

  beforeEach(() => {
    clock = new ManualClock();
  });

  const world = (options: AsyncProcessorOptions = {}) => {
    const breaker = { consecutive: 3, cooldown: '1s', maxCooldown: '4s' } as const;
    const processor = new AsyncProcessor({ concurrency: 4, breaker, clock, random: () => 0, ...options });
    const states: string[] = [];
    processor.on('breaker', ({ state }) => states.push(state));
    return { processor, states };
  };

  const open = async (processor: AsyncProcessor): Promise<void> => {
    for (let i = 0; i < 3; i++) await expect(processor.run(fails)).rejects.toBe(down);
    expect(processor.stats().breaker).toBe('open');
  };

  it('is closed at first, and absent where nobody asked for it', () => {
    expect(world().processor.stats().breaker).toBe('closed');
    expect(new AsyncProcessor().stats().breaker).toBeUndefined();
    expect(new AsyncProcessor({ breaker: true }).stats().breaker).toBe('closed');
    expect(new AsyncProcessor({ breaker: false }).stats().breaker).toBeUndefined();
  });

  it('says what its probe failed with by code or name, and never by message', async () => {
    const secret = (fields: object = {}) => Object.assign(new Error('key sk-secret of ann@example.org'), fields);
    const cases: [error: unknown, label: string][] = [
      [secret({ code: 'ECONNRESET' }), 'ECONNRESET'],
      [secret({ code: 503 }), '503'],
      [secret({ name: 'APIConnectionError' }), 'APIConnectionError'],
      [secret(), 'Error'],
      [secret({ code: 'no code but a text', name: 'nor a name' }), 'an error'],
      ['sk-secret', 'an error'],
    ];
    for (const [error, label] of cases) {
      const { processor } = world();
      const reasons: string[] = [];
      processor.on('breaker', ({ reason }) => reasons.push(reason));
      await open(processor);
      await clock.advanceAsync(1_000);
      await expect(processor.run(() => Promise.reject(error))).rejects.toBe(error);
      await flushMicrotasks();
      expect(reasons.at(-1)).toBe(`the probe failed: ${label}`);
      expect(reasons.join()).not.toContain('secret');
    }
  });

  it('opens after failures in a row, and calls are refused without being made', async () => {
    const { processor, states } = world();
    await open(processor);
    let made = 0;
    const refused: unknown = await processor.run(() => made++).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BreakerOpenError);
    expect(refused).toMatchObject({ code: 'BREAKER_OPEN', retryAfterMs: 1_000 });
    expect([made, states]).toEqual([0, ['open']]);
  });

  it('opens at a share of failures too', async () => {
    const { processor } = world({ breaker: { consecutive: 100, minCalls: 4, failureRate: 0.5 } });
    for (const end of ['ok', 'bad', 'ok', 'bad']) {
      await processor.run(() => (end === 'ok' ? 1 : Promise.reject(down))).catch(() => {});
    }
    expect(processor.stats().breaker).toBe('open');
  });

  it('does not open for calls that are at fault themselves, nor for those refused for their rate', async () => {
    const faults = [
      permanent(new Error('poison')),
      Object.assign(new Error('bad request'), { status: 400 }),
      Object.assign(new Error('too many'), { status: 429, headers: { 'retry-after-ms': '1' } }),
    ];
    for (const fault of faults) {
      const { processor } = world();
      for (let i = 0; i < 5; i++) {
        await expect(processor.run(() => Promise.reject(fault))).rejects.toBe(fault);
        await clock.advanceAsync(1);
      }
      expect(processor.stats().breaker).toBe('closed');
    }
  });

  it('lets one call try when it has cooled down, whose success closes it', async () => {
    const { processor, states } = world();
    await open(processor);
    await clock.advanceAsync(1_000);
    const calls = new HeldCalls<string>();
    const probe = processor.run(calls.as('probe'));
    await expect(processor.run(calls.as('other'))).rejects.toThrow(BreakerOpenError);
    await flushMicrotasks();
    expect(calls.begun).toEqual(['probe']);
    calls.of('probe').succeed();
    await probe;
    await flushMicrotasks();
    expect(await processor.run(() => 1)).toBe(1);
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('stays open for twice as long when the one that tried fails', async () => {
    const { processor, states } = world();
    await open(processor);
    for (const ms of [1_000, 2_000, 4_000, 4_000]) {
      await clock.advanceAsync(ms - 1);
      await expect(processor.run(() => 1)).rejects.toThrow(BreakerOpenError);
      await clock.advanceAsync(1);
      await expect(processor.run(fails)).rejects.toBe(down);
      await flushMicrotasks();
    }
    expect(states).toEqual(['open', ...Array(4).fill(['half-open', 'open']).flat()]);
  });

  it('lets another try when the one that tried was aborted', async () => {
    const { processor } = world();
    await open(processor);
    await clock.advanceAsync(1_000);
    const stop = new AbortController();
    const calls = new HeldCalls<string>();
    const probe = processor.run(calls.as('probe'), { signal: stop.signal });
    await flushMicrotasks();
    stop.abort();
    await expect(probe).rejects.toBe(stop.signal.reason);
    expect(await processor.run(() => 'second')).toBe('second');
    await flushMicrotasks();
    expect(processor.stats().breaker).toBe('closed');
  });

  it('does not listen to calls that began before it opened', async () => {
    const { processor, states } = world();
    const calls = new HeldCalls<number>();
    const batch = processor.process([0, 1, 2, 3], calls.forItem, { onError: 'settle' });
    await flushMicrotasks();
    for (const item of [0, 1, 2]) calls.of(item).fail(down);
    await flushMicrotasks();
    await clock.advanceAsync(1_000);
    calls.of(3).fail(down);
    await batch;
    expect(states).toEqual(['open', 'half-open']);
    expect(await processor.run(() => 'works')).toBe('works');
  });

  it('refuses the calls of run() that wait, when it opens', async () => {
    const { processor } = world({ concurrency: 1 });
    const ends = await Promise.allSettled([1, 2, 3, 4, 5].map(() => processor.run(fails)));
    const reasons = ends.map((end) => (end.status === 'rejected' ? (end.reason as { code: string }).code : end));
    expect(reasons).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED', 'BREAKER_OPEN', 'BREAKER_OPEN']);
  });

  it('makes batches and streams wait, and lets them go on one by one when it closes', async () => {
    const { processor } = world({ concurrency: 2 });
    await open(processor);
    const calls = new HeldCalls<string>();
    const batch = processor.process(['a', 'b', 'c'], calls.forItem);
    const stream = processor.stream(['s'], calls.forItem).next();
    await clock.advanceAsync(999);
    expect(calls.begun).toEqual([]);
    await clock.advanceAsync(1);
    expect(calls.begun).toEqual(['a']);
    calls.of('a').succeed();
    for (let i = 0; i < 4; i++) {
      await flushMicrotasks();
      calls.succeedAll();
    }
    expect(await batch).toEqual(['a', 'b', 'c'].map(answerTo));
    expect((await stream).value).toMatchObject({ value: answerTo('s') });
    expect(calls.most).toBe(2);
  });

  it('gives a call that would be tried again its own error, where it is open by then', async () => {
    const { processor } = world({ retry: { attempts: 5, backoff: 1 } });
    let made = 0;
    const call = processor.run(() => {
      made++;
      return fails();
    });
    const end = call.catch((error: unknown) => error);
    await flushMicrotasks();
    for (let i = 0; i < 5; i++) await clock.advanceAsync(10);
    expect([await end, made]).toEqual([down, 3]);
  });

  it('lets a batch try again until it closes', async () => {
    const { processor } = world({ retry: { attempts: 5, backoff: 1 } });
    let made = 0;
    const batch = processor.process(['x'], () => (++made < 5 ? fails() : 'at last'));
    await flushMicrotasks();
    for (let i = 0; i < 8; i++) await clock.advanceAsync(1_000);
    expect(await batch).toEqual(['at last']);
  });
});
