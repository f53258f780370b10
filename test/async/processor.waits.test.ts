import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { BreakerOpenError, ProcessorClosedError } from '../../src/async/errors.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { answerTo, HeldCalls } from './held-calls.js';

const down = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
const fails = () => Promise.reject(down);
const breaker = { consecutive: 3, cooldown: '1s', maxCooldown: '4s' } as const;

describe('what waits is neither forgotten nor kept', () => {
  let clock: ManualClock;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    calls = new HeldCalls();
  });

  const opened = async (): Promise<AsyncProcessor> => {
    const processor = new AsyncProcessor({ concurrency: 4, breaker, clock, random: () => 0 });
    for (let i = 0; i < 3; i++) await expect(processor.run(fails)).rejects.toBe(down);
    return processor;
  };

  it('a batch under way is halved to its end while the processor closes, and later keys are told', async () => {
    const processor = new AsyncProcessor({ clock });
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const load = processor.batcher(async (keys: string[]) => {
      await held;
      if (keys.includes('bad')) throw new Error('bad');
      return keys.map(answerTo);
    });
    const loaded = Promise.allSettled(['a', 'b', 'bad', 'c'].map((key) => load(key)));
    await flushMicrotasks();
    const closed = processor.close();
    await expect(load('later')).rejects.toBeInstanceOf(ProcessorClosedError);
    go();
    expect((await loaded).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await closed;
  });

  it('drain() waits for all halves of a batch', async () => {
    const processor = new AsyncProcessor({ clock });
    let done = 0;
    const load = processor.batcher(async (keys: string[]) => {
      await flushMicrotasks();
      if (keys.includes('bad')) throw new Error('bad');
      done += keys.length;
      return keys;
    });
    const loaded = Promise.allSettled(['a', 'b', 'bad', 'c'].map((key) => load(key)));
    await processor.drain();
    expect(done).toBe(3);
    await loaded;
  });

  it('time in line does not count to maxElapsed', async () => {
    const processor = new AsyncProcessor({
      ...{ concurrency: 1, clock, random: () => 0 },
      retry: { attempts: 2, maxElapsed: '1m', backoff: '1s' },
    });
    const first = processor.run(calls.as('first'));
    const second = processor.run(calls.as('second'));
    await flushMicrotasks();
    await clock.advanceAsync(120_000);
    calls.of('first').succeed();
    await first;
    await flushMicrotasks();
    calls.of('second').fail(down);
    await flushMicrotasks();
    await clock.advanceAsync(1_000);
    calls.of('second').succeed();
    expect(await second).toBe(answerTo('second'));
  });

  it('a probe that hangs gives way to another', async () => {
    const processor = await opened();
    await clock.advanceAsync(1_000);
    const hangs = processor.run(calls.as('hangs'));
    await flushMicrotasks();
    await clock.advanceAsync(4_000);
    expect(processor.stats().breaker).toBe('open');
    await clock.advanceAsync(4_000);
    await expect(processor.run(async () => 'works')).resolves.toBe('works');
    expect(processor.stats().breaker).toBe('closed');
    calls.succeedAll();
    await hangs;
  });

  it('a probe that leaves makes way for who waits', async () => {
    const processor = await opened();
    await clock.advanceAsync(1_000);
    const stop = new AbortController();
    const leaves = processor.run(calls.as('leaves'), { signal: stop.signal });
    await flushMicrotasks();
    const batch = processor.process(['waits'], calls.forItem);
    await flushMicrotasks();
    stop.abort();
    await expect(leaves).rejects.toBe(stop.signal.reason);
    await flushMicrotasks();
    calls.of('waits').succeed();
    expect(await batch).toEqual([answerTo('waits')]);
  });

  it('a call behind a batch is told at once that the breaker has opened', async () => {
    const processor = new AsyncProcessor({ concurrency: 1, breaker: { ...breaker, consecutive: 1 }, clock });
    const batch = processor.process(['x'], calls.forItem, { onError: 'settle' });
    const behind = processor.process(['y'], calls.forItem);
    const run = processor.run(calls.as('z'));
    const told = expect(run).rejects.toBeInstanceOf(BreakerOpenError);
    await flushMicrotasks();
    calls.of('x').fail(down);
    await told;
    await clock.advanceAsync(1_000);
    calls.succeedAll();
    await Promise.all([batch, behind]);
  });

  it('leaves no timer behind when the only call that was held back has left', async () => {
    const processor = new AsyncProcessor({ rateLimit: { requestsPerMinute: 1 }, clock });
    await processor.run(async () => 1);
    const stop = new AbortController();
    const held = processor.run(async () => 2, { signal: stop.signal });
    await flushMicrotasks();
    expect(clock.pendingTimers).toBeGreaterThan(0);
    await clock.advanceAsync(1_000);
    stop.abort();
    await expect(held).rejects.toBe(stop.signal.reason);
    await clock.advanceAsync(3_600_000);
    expect([clock.pendingTimers, processor.stats().rateLimitedMs]).toEqual([0, 1_000]);
  });

  it('one signal of many calls has one listener', async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): void => {
      warnings.push(name);
    };
    process.on('warning', onWarning);
    const processor = new AsyncProcessor({ clock });
    const { signal } = new AbortController();
    const all = Array.from({ length: 50 }, (_, i) => processor.run(calls.as(String(i)), { signal }));
    for (let i = 0; i < 50; i++) {
      await flushMicrotasks();
      calls.succeedAll();
    }
    await Promise.all(all);
    process.off('warning', onWarning);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });

  it('a batch has its share beside single calls that never end', async () => {
    const processor = new AsyncProcessor({ concurrency: 4, clock });
    let single = 0;
    let isOver = false;
    const loops = Array.from({ length: 20 }, async () => {
      while (!isOver) await processor.run(async () => void single++);
    });
    await processor.process(Array.from({ length: 200 }), async () => {});
    isOver = true;
    await Promise.all(loops);
    // Four workers among twenty loops are a sixth; one worker would be less than half of that.
    expect(single).toBeLessThan(200 * 12);
  });

  it('an item whose result throws when it is looked at fails its source, and no slot is lost', async () => {
    const processor = new AsyncProcessor({ clock });
    const broken = new Error('value');
    const step = Object.defineProperty({ done: false }, 'value', {
      get() {
        throw broken;
      },
    });
    const source = { [Symbol.iterator]: () => ({ next: () => step as IteratorResult<number> }) };
    await expect(processor.process(source, async (n) => n)).rejects.toBe(broken);
    expect(processor.stats().active).toBe(0);
  });

  it('an item that cannot be counted is a failed one', async () => {
    const processor = new AsyncProcessor({ rateLimit: { tokensPerMinute: 100 }, clock });
    const outcomes = await processor.process([1, Number.NaN, 3], async (n) => n, {
      onError: 'settle',
      tokens: (n) => n,
    });
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(processor.stats()).toMatchObject({ completed: 2, failed: 1 });
  });

  it('one call at a time does not prove a higher limit', async () => {
    const processor = new AsyncProcessor({ concurrency: { adaptive: true, initial: 4, max: 32 }, clock });
    for (let i = 0; i < 50; i++) await processor.run(async () => i);
    expect(processor.stats().limit).toBe(4);
  });

  it('drain() beside close() is answered though a function never ends', async () => {
    const processor = new AsyncProcessor({ closeTimeout: '1s', grace: '1s', clock });
    processor.run(calls.as('for ever')).catch(() => {});
    await flushMicrotasks();
    const drained = processor.drain({ timeout: '1h' });
    const closed = processor.close();
    for (let i = 0; i < 4; i++) await clock.advanceAsync(1_000);
    await closed;
    await expect(drained).resolves.toMatchObject({ aborted: true });
  });

  it('an endless source with a function that answers at once can still be stopped by a timer', async () => {
    const processor = new AsyncProcessor();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 1);
    const endless = (function* () {
      for (;;) yield 1;
    })();
    const job = processor.process(endless, (n) => n, { sink: () => {}, signal: stop.signal });
    const reason: unknown = await job.catch((error: unknown) => error);
    clearTimeout(timer);
    expect([reason, stop.signal.aborted]).toEqual([stop.signal.reason, true]);
  });
});
