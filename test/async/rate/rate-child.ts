import { Redis } from 'ioredis';
import { openRateLimiter } from '../../../src/async/rate/open-rate-limiter.js';
import { redisRateLimitStore } from '../../../src/async/rate/redis-rate-limit-store.js';
import { systemClock } from '../../../src/core/clock.js';

/** What a child is told at its start, and what it says: when it started calls, in ns of a clock that all processes share. */
export interface RateJob {
  readonly port: number;
  readonly requests: number;
  readonly windowMs: number;
}
export type RateNews = { readonly at: string } | { readonly event: string };

/** A call uses so many. It reserves twice as many: with nothing given back, the limit would be 3 calls of 4. */
const TOKENS = 10;

const job = JSON.parse(process.argv[2] ?? '{}') as RateJob;
const redis = new Redis(job.port, '127.0.0.1', { retryStrategy: () => 100 });
redis.on('error', () => {});
const say = (news: RateNews): void => void process.send?.(news);
const limiter = openRateLimiter(
  {
    requests: job.requests,
    tokens: 1.5 * job.requests * TOKENS,
    windowMs: job.windowMs,
    spread: false,
    key: 'calls',
    store: redisRateLimitStore(redis),
  },
  { clock: systemClock(), random: Math.random, emit: (event) => say({ event }), trouble: () => {} },
);

for (;;) {
  const leave = await limiter.reserve(2 * TOKENS);
  if (typeof leave === 'number') await new Promise((resolve) => setTimeout(resolve, leave));
  else {
    // Now and then the process computes before it comes to the call.
    if (Math.random() < 0.05) for (const until = performance.now() + 30; performance.now() < until; );
    leave.started();
    say({ at: String(process.hrtime.bigint()) });
    leave.ended();
    leave.settle(Math.floor(leave.tokens / 2));
  }
}
