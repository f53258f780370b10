import { expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { createModelFetch } from '../../src/async/connections/model-fetch.js';
import { seedOf } from '../random.js';
import { answerTo, isPoison, startChaosServer } from '../services/chaos-server.js';

const CALLS = 10_000;
const CONCURRENCY = 50;

class StatusError extends Error {
  constructor(
    readonly status: number,
    readonly headers: Headers,
  ) {
    super(`status ${status}`);
  }
}

it('accounts for each of 10,000 calls to a service on bad days', { timeout: 60_000 }, async () => {
  const server = await startChaosServer(seedOf('http chaos'), {
    limited: 50,
    'limited-seconds': 1,
    busy: 400,
    broken: 100,
    reset: 200,
    truncated: 200,
    slow: 300,
    silent: 10,
  });
  const processor = new AsyncProcessor({
    concurrency: CONCURRENCY,
    timeout: '2s',
    retry: { attempts: 12, backoff: 5, maxBackoff: 50, budget: 1 },
  });
  const fetch = createModelFetch({ connections: CONCURRENCY, processor });
  const items = Array.from({ length: CALLS }, (_, i) => `item-${i}`);
  const outcomes = await processor.process(
    items,
    async (item, { signal }) => {
      const response = await fetch(`${server.url}/${item}`, { signal });
      const text = await response.text();
      if (!response.ok) throw new StatusError(response.status, response.headers);
      return text;
    },
    { onError: 'settle' },
  );

  const book = server.book();
  // Every input has one outcome, in its place: the answer to it, or what the service said against it. Each attempt came to the
  // service, and nothing else did.
  expect(outcomes).toHaveLength(CALLS);
  const astray = outcomes.filter((outcome, i) => {
    if (outcome.index !== i || outcome.item !== items[i]) return true;
    if (outcome.attempts !== book.perItem.get(outcome.item)) return true;
    if (outcome.status === 'fulfilled') return isPoison(outcome.item) || outcome.value !== answerTo(outcome.item);
    return !isPoison(outcome.item) || outcome.attempts !== 1 || (outcome.reason as StatusError).status !== 400;
  });
  expect(astray).toEqual([]);
  const attempts = outcomes.reduce((sum, outcome) => sum + outcome.attempts, 0);
  const failed = outcomes.filter(({ status }) => status === 'rejected').length;
  expect(book.requests).toBe(attempts);
  expect(book.mostAtOnce).toBeLessThanOrEqual(CONCURRENCY);
  for (const [fault, count] of Object.entries(book.faults)) expect(count, fault).toBeGreaterThan(0);
  // While the service wanted to be left alone, it heard only from those who had asked before they could know: without a
  // pause they would be thousands in a second.
  expect(Math.max(...book.duringPauses)).toBeLessThanOrEqual(2 * CONCURRENCY);

  expect(processor.stats()).toMatchObject({
    active: 0,
    queued: 0,
    completed: CALLS - failed,
    failed,
    retried: attempts - CALLS,
  });
  const connections = fetch.stats();
  expect(connections).toMatchObject({ calls: attempts, active: 0, pending: 0 });
  expect(connections.reused).toBeGreaterThan(CALLS / 2);

  await fetch.close();
  await processor.close();
  await server.close();
});
