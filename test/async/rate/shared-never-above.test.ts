import { describe, expect, it } from 'vitest';
import { openRateLimiter } from '../../../src/async/rate/open-rate-limiter.js';
import { SeededRandom, seedOf } from '../../random.js';
import { EventClock } from './event-clock.js';
import { type Health, MemoryStore } from './memory-store.js';

const WINDOW_MS = 10_000;
const REQUESTS = 60;
const TOKENS = 3_000;
/** The nightly run simulates a day. */
const HOURS = Number(process.env['HOTPATH_RATE_HOURS'] ?? 1);

interface Started {
  readonly at: number;
  tokens: number;
}

/** A process that has work in bursts, and takes a while for each call. */
async function work(
  clock: EventClock,
  store: MemoryStore,
  random: SeededRandom,
  log: Started[],
  seen: Record<string, number>,
): Promise<void> {
  const limiter = openRateLimiter(
    { requests: REQUESTS, tokens: TOKENS, windowMs: WINDOW_MS, spread: false, key: 'k', store },
    {
      clock,
      random: () => random.next(),
      emit: (name) => {
        seen[name] = (seen[name] ?? 0) + 1;
      },
      trouble: () => {},
    },
  );
  for (;;) {
    const tokens = random.below(80);
    const leave = await limiter.reserve(tokens);
    if (typeof leave === 'number') {
      seen['waits'] = (seen['waits'] ?? 0) + 1;
      await clock.sleep(leave);
      continue;
    }
    // The process computes before it comes to the call.
    if (random.chance(0.1)) await clock.sleep(random.below(600));
    leave.started();
    const entry = { at: clock.now(), tokens };
    log.push(entry);
    const used = random.chance(0.7) ? tokens : random.below(tokens + 1);
    clock.setTimer(() => {
      entry.tokens = used;
      leave.ended();
      leave.settle(used);
    }, 500);
    if (random.chance(0.05)) await clock.sleep(random.below(15_000));
    else await clock.sleep(random.below(300));
  }
}

async function trouble(clock: EventClock, store: MemoryStore, random: SeededRandom): Promise<void> {
  for (;;) {
    await clock.sleep(random.below(120_000));
    store.health = random.pick<Health>(['refuses', 'hangs', 'well']);
    await clock.sleep(random.below(random.pick([500, 5_000, 60_000])));
    if (random.chance(0.4)) store.loseCounts();
    store.recover();
  }
}

describe('processes that share a rate limit', () => {
  it(`never start more than it together in any window, however the store is lost, over ${HOURS} simulated hours`, async () => {
    const random = new SeededRandom(seedOf('shared rate limit'));
    const clock = new EventClock();
    const store = new MemoryStore(clock);
    store.latencyMs = () => (random.chance(0.002) ? random.below(400) : random.below(30));
    const log: Started[] = [];
    const seen: Record<string, number> = {};
    for (let i = 0; i < 3; i++) void work(clock, store, random, log, seen);
    void trouble(clock, store, random);
    await clock.run(HOURS * 3_600_000);
    let first = 0;
    let tokens = 0;
    let most = 0;
    for (const [index, entry] of log.entries()) {
      tokens += entry.tokens;
      while (log[first]!.at <= entry.at - WINDOW_MS) tokens -= log[first++]!.tokens;
      most = Math.max(most, index - first + 1);
      expect(most, `calls at ${entry.at}`).toBeLessThanOrEqual(REQUESTS);
      expect(tokens, `tokens at ${entry.at}`).toBeLessThanOrEqual(TOKENS);
    }
    // It was lost and found many times, and the limit was what held the work back.
    expect(seen['rate:local']).toBeGreaterThan(20);
    expect(seen['rate:shared']).toBeGreaterThan(20);
    expect(most).toBeGreaterThan(50);
    expect(log.length).toBeGreaterThan(HOURS * 360 * REQUESTS * 0.3);
  });
});
