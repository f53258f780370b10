import type { Clock } from '../../core/clock.js';
import type { AsyncEvents } from '../events.js';
import { LocalRateLimiter } from './local-rate-limiter.js';
import type { RateLimitStore } from './rate-limit-store.js';
import type { RateLimiter } from './rate-limiter.js';
import { SharedRateLimiter } from './shared-rate-limiter.js';

/** The options of a rate limit with defaults filled in. Infinity: no limit. */
export interface ResolvedRateLimit {
  /** Calls in any window: an integer >= 1. */
  readonly requests: number;
  /** Tokens in any window: an integer >= 1. */
  readonly tokens: number;
  readonly windowMs: number;
  readonly spread: boolean;
  readonly store: RateLimitStore | undefined;
  /** Of the shared limit. */
  readonly key: string;
}

/** What a limiter needs of its processor. */
export interface RateLimiterHooks {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  emit<Name extends 'rate:local' | 'rate:shared'>(name: Name, data: AsyncEvents[Name]): void;
  /** Told of what failed inside. Nothing of it reaches a call. */
  trouble(error: unknown, during: string): void;
}

/** The limiter that these options ask for: this process's own, or one that is shared through a store. */
export function openRateLimiter(options: ResolvedRateLimit, hooks: RateLimiterHooks): RateLimiter {
  return options.store === undefined
    ? new LocalRateLimiter(options, hooks.clock)
    : new SharedRateLimiter(options, options.store, hooks);
}
