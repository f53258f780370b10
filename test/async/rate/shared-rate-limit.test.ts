import { type ChildProcess, fork } from 'node:child_process';
import { describe, it } from 'vitest';
import { type ControlledRedis, findControlledRedis } from '../../services/redis-control.js';
import { describeWith } from '../../services/service.js';
import type { RateJob, RateNews } from './rate-child.js';

const WINDOW_MS = 1_000;
const REQUESTS = 40;

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A process that starts calls as fast as it may. */
class Child {
  readonly starts: number[] = [];
  readonly events: string[] = [];
  readonly #child: ChildProcess;
  readonly #killAtExit = (): void => void this.#child.kill('SIGKILL');

  constructor(job: RateJob) {
    this.#child = fork(new URL('./rate-child.ts', import.meta.url), [JSON.stringify(job)], {
      execArgv: ['--import', 'tsx'],
    });
    process.once('exit', this.#killAtExit);
    this.#child.on('message', (news: RateNews) => {
      if ('at' in news) this.starts.push(Number(BigInt(news.at)) / 1e6);
      else this.events.push(news.event);
    });
  }

  startedSince(ms: number): number {
    return this.starts.filter((at) => at >= ms).length;
  }

  async end(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
    process.off('exit', this.#killAtExit);
  }
}

function fullestWindow(starts: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (const [index, at] of starts.entries()) {
    while (starts[first]! <= at - WINDOW_MS) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** Ways to lose the server while work goes on, and to get it back. */
const LOSSES = [
  {
    name: 'is killed and comes back empty',
    lose: (redis: ControlledRedis) => redis.kill(),
    bringBack: (redis: ControlledRedis) => redis.restart(),
  },
  {
    name: 'stands still and goes on',
    lose: async (redis: ControlledRedis) => redis.pause(),
    bringBack: async (redis: ControlledRedis) => redis.resume(),
  },
] as const;

describeWith('two processes that share one limit on one Redis', await findControlledRedis(), (start) => {
  describe.concurrent('while the server', () => {
    // A test beside another one has an `expect` of its own.
    it.for(LOSSES)('$name stay under it together, and go on', { timeout: 40_000 }, async (loss, { expect }) => {
      const redis = await start();
      const job = { port: redis.port, requests: REQUESTS, windowMs: WINDOW_MS };
      const children = [new Child(job), new Child(job)];
      const all = (what: (child: Child) => boolean): Promise<void> =>
        expect.poll(() => children.every(what), { timeout: 10_000, interval: 20 }).toBe(true);
      try {
        // Both work, and the first window is over.
        await all(({ starts }) => starts.length > 5);
        await all(() => children.reduce((sum, { starts }) => sum + starts.length, 0) > 1.5 * REQUESTS);

        await loss.lose(redis);
        const lostAt = nowMs();
        await all((child) => child.startedSince(lostAt + 1_000) > 5);
        for (const { events } of children) expect(events).toContain('rate:local');

        await loss.bringBack(redis);
        await all(({ events }) => events.at(-1) === 'rate:shared');
        const backAt = nowMs();
        await all((child) => child.startedSince(backAt) > 0);
      } finally {
        await Promise.all(children.map((child) => child.end()));
        await redis.close();
      }
      const starts = children.flatMap((child) => child.starts).sort((a, b) => a - b);
      expect(fullestWindow(starts)).toBeLessThanOrEqual(REQUESTS);
      // Tokens that were not used came back.
      expect(fullestWindow(starts)).toBeGreaterThan(0.8 * REQUESTS);
    });
  });
});
