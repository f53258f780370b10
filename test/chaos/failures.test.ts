import { describe } from 'vitest';

// Each of these spends most of its time waiting: for a pause to end, for a bound to pass. Side by side they take as long as the
// slowest. Each test has servers of its own.
describe.concurrent('the shared tier', async () => {
  await import('./redis-stands-still.suite.js');
  await import('./tokens.suite.js');
  await import('./bus.suite.js');
  await import('./slow-redis.suite.js');
  await import('./lease-holder.suite.js');
  await import('./redis-dies.suite.js');
  await import('./lost-keys.suite.js');
  await import('./races.suite.js');
  await import('./clock-step.suite.js');
});
