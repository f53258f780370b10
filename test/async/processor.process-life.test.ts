import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { ManualClock } from '../manual-clock.js';

it('keeps its process alive while a call waits, and not a moment longer', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/async/waiting-child.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 15_000,
  });
  let told = '';
  child.stdout.on('data', (chunk) => {
    told += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  // 13 is how Node ends a program that awaits what nobody will settle.
  expect([code, told]).toEqual([0, 'retry rate rate rate breaker timeout pause']);
});

it('has no timer as long as it has nothing to do, however many there are', () => {
  const clock = new ManualClock();
  const options = { timeout: 1_000, retry: 3, breaker: true, rateLimit: { requestsPerMinute: 1 }, clock };
  for (let i = 0; i < 100; i++) new AsyncProcessor(options);
  expect(clock.pendingTimers).toBe(0);
});
