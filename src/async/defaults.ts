import type { Duration } from '../core/duration.js';
import type { QueuePolicy } from './processor-options.js';

/** What options of an `AsyncProcessor` are where they are not given. */
export const ASYNC_DEFAULTS: Readonly<{
  concurrency: number;
  minConcurrency: number;
  initialConcurrency: number;
  adaptiveBackoff: number;
  retryAttempts: number;
  retryBackoff: Duration;
  retryMaxBackoff: Duration;
  retryMaxRetryAfter: Duration;
  retryMaxElapsed: Duration;
  retryBudget: number;
  rateWindow: Duration;
  queueMax: number;
  queuePolicy: QueuePolicy;
  queueAgeing: Duration;
  breakerWindow: Duration;
  breakerMinCalls: number;
  breakerFailureRate: number;
  breakerConsecutive: number;
  breakerCooldown: Duration;
  breakerMaxCooldown: Duration;
  grace: Duration;
  closeTimeout: Duration;
  name: string;
}> = Object.freeze({
  concurrency: 8,
  minConcurrency: 1,
  initialConcurrency: 4,
  adaptiveBackoff: 0.8,
  retryAttempts: 3,
  retryBackoff: '500ms',
  retryMaxBackoff: '30s',
  retryMaxRetryAfter: '60s',
  retryMaxElapsed: '5m',
  retryBudget: 0.2,
  rateWindow: '1m',
  queueMax: 10_000,
  queuePolicy: 'reject',
  queueAgeing: '10s',
  breakerWindow: '10s',
  breakerMinCalls: 10,
  breakerFailureRate: 0.5,
  breakerConsecutive: 5,
  breakerCooldown: '1s',
  breakerMaxCooldown: '30s',
  grace: '1s',
  closeTimeout: '10s',
  name: 'default',
});
