import { describe, expect, it } from 'vitest';
import { openRateLimiter } from '../../../src/async/rate/open-rate-limiter.js';
import type { RateLimitStore } from '../../../src/async/rate/rate-limit-store.js';
import type { RateLimiter, Reservation } from '../../../src/async/rate/rate-limiter.js';
import { flushMicrotasks } from '../../manual-clock.js';
import { EventClock } from './event-clock.js';
import { MemoryStore } from './memory-store.js';

const NONE = Number.POSITIVE_INFINITY;

interface Told {
  readonly name: string;
  readonly data: object;
}

function setUp(limits: { requests?: number; tokens?: number } = {}, processes = 1) {
  const clock = new EventClock();
  const store = new MemoryStore(clock);
  const told: Told[] = [];
  const open = (of: RateLimitStore = store): RateLimiter =>
    openRateLimiter(
      { requests: NONE, tokens: NONE, windowMs: 60_000, spread: false, key: 'k', store: of, ...limits },
      {
        clock,
        random: () => 0.5,
        emit: (name, data) => told.push({ name, data }),
        trouble: (error, during) => told.push({ name: 'trouble', data: { error, during } }),
      },
    );
  const limiters = Array.from({ length: processes }, () => open());
  return { clock, store, told, open, limiters, limiter: limiters[0]! };
}

async function granted(answer: ReturnType<RateLimiter['reserve']>): Promise<Reservation> {
  const leave = await answer;
  if (typeof leave === 'number') throw new Error(`not before ${leave} ms`);
  return leave;
}

async function startAll(limiter: RateLimiter, tokens = 0): Promise<number> {
  let count = 0;
  while (typeof (await limiter.reserve(tokens)) !== 'number') count++;
  return count;
}

/** Until this process has noticed that the store is lost, and has waited for the others to notice. */
async function lose(clock: EventClock, told: readonly Told[]): Promise<void> {
  for (let i = 0; i < 50 && !told.some(({ name }) => name === 'rate:local'); i++) await clock.run(100);
  expect(told.some(({ name }) => name === 'rate:local')).toBe(true);
}

describe('a rate limit that processes share', () => {
  it('lets all of them together start what the window holds, and names when the next one may', async () => {
    const { clock, limiters } = setUp({ requests: 10 }, 3);
    let count = 0;
    for (let i = 0; i < 4; i++)
      for (const limiter of limiters) count += typeof (await limiter.reserve(0)) !== 'number' ? 1 : 0;
    expect(count).toBe(10);
    const ms = (await limiters[0]!.reserve(0)) as number;
    await clock.run(ms);
    await granted(limiters[0]!.reserve(0));
  });

  it('tells the store what calls really used', async () => {
    const { store, limiter } = setUp({ tokens: 100 });
    const one = await granted(limiter.reserve(60));
    one.settle(10);
    await flushMicrotasks();
    expect(store.tokens).toBe(10);
    const two = await granted(limiter.reserve(60));
    two.settle(80);
    two.settle(0);
    await flushMicrotasks();
    expect(store.tokens).toBe(90);
    (await granted(limiter.reserve(10))).cancel();
    await flushMicrotasks();
    expect(store.tokens).toBe(90);
    expect(store.requests).toBe(2);
  });

  it('counts calls from their start on, however long the process computed after it was let in', async () => {
    const { clock, store, limiters } = setUp({ requests: 10, tokens: 100 }, 2);
    const calls: Reservation[] = [];
    for (let i = 0; i < 10; i++) calls.push(await granted(limiters[0]!.reserve(10)));
    await clock.run(5_000);
    for (const call of calls) call.started();
    await flushMicrotasks();
    expect(store.requests).toBe(10);
    expect(store.tokens).toBe(100);
    await clock.run(59_900);
    for (const limiter of limiters) expect(await limiter.reserve(0)).toBeTypeOf('number');
    await clock.run(500);
    expect(await startAll(limiters[1]!, 10)).toBe(10);
  });

  it('tells the store later of what it could not be told at once', async () => {
    const { store, limiter } = setUp({ requests: 10, tokens: 100 });
    const call = await granted(limiter.reserve(10));
    store.health = 'refuses';
    call.settle(40);
    await flushMicrotasks();
    store.recover();
    expect(store.tokens).toBe(10);
    await granted(limiter.reserve(10));
    await flushMicrotasks();
    expect(store.tokens).toBe(50);
    await granted(limiter.reserve(10));
    await flushMicrotasks();
    expect(store.tokens).toBe(60);
  });

  it('counts a call that was let in while the store was away and starts when it is back', async () => {
    const { clock, store, told, limiter } = setUp({ requests: 10 });
    store.health = 'refuses';
    await Promise.all([limiter.reserve(0), lose(clock, told)]);
    const before = await granted(limiter.reserve(0));
    store.recover();
    for (let i = 0; i < 50 && !told.some(({ name }) => name === 'rate:shared'); i++) await clock.run(100);
    await clock.run(70_000);
    expect(store.requests).toBe(0);
    before.started();
    await flushMicrotasks();
    expect(store.requests).toBe(1);
  });

  it('passes a cool-down on to the others', async () => {
    const { clock, limiters } = setUp({ requests: 10 }, 2);
    limiters[0]!.coolDown(5_000);
    await flushMicrotasks();
    expect(await limiters[1]!.reserve(0)).toBe(5_000);
    await clock.run(5_000);
    await granted(limiters[1]!.reserve(0));
  });

  it.each(['refuses', 'hangs'] as const)('goes on with its part when the store %s, and says so', async (health) => {
    const { clock, store, told, limiters } = setUp({ requests: 100 }, 2);
    for (let i = 0; i < 20; i++) for (const limiter of limiters) await granted(limiter.reserve(0));
    await clock.run(30_000);
    store.health = health;
    await lose(clock, told);
    expect(told.find(({ name }) => name === 'rate:local')?.data).toMatchObject({ share: 0.5 });
    expect(told.some(({ name }) => name === 'trouble')).toBe(true);
    // The window has 20 of its own: none more before they leave.
    expect(await startAll(limiters[0]!)).toBe(0);
    await clock.run(30_000);
    expect(await startAll(limiters[0]!)).toBe(20);
    await clock.run(60_010);
    expect(await startAll(limiters[0]!)).toBe(50);
  });

  it('waits for the others to notice before it goes on alone', async () => {
    const { clock, store, told, limiters } = setUp({ requests: 100 }, 2);
    for (let i = 0; i < 20; i++) for (const limiter of limiters) await granted(limiter.reserve(0));
    await clock.run(58_000);
    store.health = 'refuses';
    const lostAt = clock.now();
    await lose(clock, told);
    // All of its own has left the window by then.
    await clock.run(lostAt + 2_100 - clock.now());
    expect(await limiters[0]!.reserve(0)).toBeTypeOf('number');
    await clock.run(2_000);
    expect(await startAll(limiters[0]!)).toBe(20);
  });

  it('keeps all of the limit while the store is away, where nobody else was seen', async () => {
    const { clock, store, told, limiter } = setUp({ requests: 10 });
    for (let i = 0; i < 4; i++) await granted(limiter.reserve(0));
    store.health = 'refuses';
    await lose(clock, told);
    expect(await startAll(limiter)).toBe(6);
  });

  it('is silent about a store that fails once', async () => {
    const { clock, store, told, limiter } = setUp({ requests: 10 });
    await granted(limiter.reserve(0));
    store.health = 'refuses';
    const ms = (await limiter.reserve(0)) as number;
    expect(ms).toBeLessThanOrEqual(50);
    store.recover();
    await clock.run(ms);
    await granted(limiter.reserve(0));
    expect(told.map(({ name }) => name)).toEqual(['trouble']);
  });

  it('is patient with a store that has not connected yet', async () => {
    const { clock, store, told, limiter } = setUp({ requests: 10 });
    store.health = 'refuses';
    for (let i = 0; i < 20; i++) {
      expect(await limiter.reserve(0)).toBeTypeOf('number');
      await clock.run(25);
    }
    expect(told).toEqual([]);
    store.recover();
    await granted(limiter.reserve(0));
    expect(store.requests).toBe(1);
  });

  it('works alone when the store never comes', async () => {
    const { clock, store, told, limiter } = setUp({ requests: 10 });
    store.health = 'refuses';
    await limiter.reserve(0);
    await clock.run(2_000);
    await lose(clock, told);
    expect(await startAll(limiter)).toBe(10);
    expect(told.filter(({ name }) => name === 'rate:local')).toHaveLength(1);
  });

  it('tells the store that is back what was started meanwhile, and for how long it was away', async () => {
    const { clock, store, told, limiters } = setUp({ requests: 100 }, 2);
    for (const limiter of [...limiters, limiters[0]!]) await granted(limiter.reserve(0));
    store.health = 'refuses';
    await lose(clock, told);
    await clock.run(70_000);
    expect(await startAll(limiters[0]!)).toBe(50);
    store.recover();
    await clock.run(3_000);
    const back = told.find(({ name }) => name === 'rate:shared')?.data as { localMs: number };
    expect(back.localMs).toBeGreaterThan(69_000);
    // The store was told what was started meanwhile.
    expect(store.requests).toBe(50);
    // Its own rule still holds: others may not have told theirs yet.
    expect(await startAll(limiters[0]!)).toBe(0);
    expect(await startAll(limiters[1]!)).toBe(50);
    await clock.run(66_000);
    expect(await startAll(limiters[0]!)).toBe(100);
  });

  it('takes a store that has lost its counts for one that was away', async () => {
    const { clock, store, limiters } = setUp({ requests: 100 }, 2);
    for (let i = 0; i < 30; i++) await granted(limiters[0]!.reserve(0));
    for (let i = 0; i < 40; i++) await granted(limiters[1]!.reserve(0));
    store.loseCounts();
    expect(await startAll(limiters[0]!)).toBe(0);
    expect(await startAll(limiters[1]!)).toBe(0);
    await flushMicrotasks();
    expect(store.requests).toBe(0);
    await clock.run(61_000);
    expect(await startAll(limiters[0]!)).toBe(100);
  });

  it('takes other counts after a long time for what they are: the old ones have gone by themselves', async () => {
    const { clock, store, limiters } = setUp({ requests: 100 }, 2);
    for (const limiter of limiters) await granted(limiter.reserve(0));
    await clock.run(3_700_000);
    store.loseCounts();
    expect(await startAll(limiters[0]!)).toBe(100);
  });

  it('gives back what is granted too late', async () => {
    const { clock, store, limiter } = setUp({ requests: 10 });
    await granted(limiter.reserve(0));
    store.latencyMs = () => 300;
    const late = limiter.reserve(0);
    await clock.run(260);
    expect(await late).toBeTypeOf('number');
    expect(store.requests).toBe(2);
    store.latencyMs = () => 0;
    await clock.run(100);
    expect(store.requests).toBe(1);
  });

  it('charges the store later for what was used beyond reservations while it was away', async () => {
    const { clock, store, told, limiter } = setUp({ tokens: 100 });
    const one = await granted(limiter.reserve(10));
    store.health = 'refuses';
    await lose(clock, told);
    one.settle(50);
    expect(typeof (await limiter.reserve(60))).toBe('number');
    store.recover();
    await clock.run(3_000);
    expect(store.tokens).toBe(50);
  });

  it('asks for the smaller limit that headers name', async () => {
    const { store, limiter } = setUp({ requests: 100, tokens: 5_000 });
    limiter.observe({ 'x-ratelimit-limit-requests': '7', 'x-ratelimit-limit-tokens': '200' });
    expect(await startAll(limiter, 10)).toBe(7);
    expect(store.seenLimits.at(-1)).toMatchObject({ requests: 7, tokens: 200 });
  });

  it('never closes the store, which is the host’s', async () => {
    const { store, limiter } = setUp();
    await limiter.reserve(0);
    await limiter.close();
    await limiter.close();
    expect(store.calls.close).toBe(0);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['answers nothing', async () => undefined],
    ['answers nonsense', async () => ({ granted: true })],
    [
      'names no time',
      async () => ({ granted: false, waitMs: Number.NaN, usage: { requests: 0, tokens: 0, processes: 1, epoch: '' } }),
    ],
  ])('goes on by itself with a store of the host’s that %s', async (_, reserve) => {
    const { clock, told, open } = setUp({ requests: 5 });
    const broken = { reserve, settle: reserve, coolDown: reserve, close: reserve } as unknown as RateLimitStore;
    const limiter = open(broken);
    limiter.coolDown(10);
    let count = 0;
    for (let i = 0; i < 100; i++) {
      count += typeof (await limiter.reserve(0)) === 'number' ? 0 : 1;
      await clock.run(100);
    }
    expect(count).toBe(5);
    expect(told.some(({ name }) => name === 'trouble')).toBe(true);
  });
});
