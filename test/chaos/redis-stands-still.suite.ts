import { expect, it } from 'vitest';
import { findControlledRedis } from '../services/redis-control.js';
import { describeWith } from '../services/service.js';
import { keyOf, pause } from './chaos-node.js';
import { ChaosWorld, closed, medianMs, SLACK_MS, slowestMs } from './chaos-world.js';

const PAUSED_MS = process.env['HOTPATH_CHAOS'] === 'long' ? 60_000 : 10_000;
const READ_DEADLINE_MS = 150;
const WRITE_DEADLINE_MS = 3_000;
const LOADER_MS = 20;
/** A look, a lease and the loader. Nobody waits for the write at the end: its deadline is well beyond this. */
const SLOWEST_CALL_MS = 2 * READ_DEADLINE_MS + LOADER_MS + SLACK_MS;
/** Heartbeat, its deadline and the capped life of what is in memory. */
const BOUND_MS = 200 + 2_000 + 500;

describeWith('a Redis that stands still (SIGSTOP)', await findControlledRedis(), (start) => {
  it('holds no call up, loses no invalidation, and is taken back', { timeout: PAUSED_MS + 60_000 }, async (test) => {
    const world = new ChaosWorld(test);
    const redis = world.own(await start());
    const options = {
      namespace: 'still',
      remote: { store: redis.url, readDeadline: READ_DEADLINE_MS, writeDeadline: WRITE_DEADLINE_MS },
      coordinator: { heartbeat: '200ms', degradedTtl: '500ms' },
    };
    const here = await world.node(options);
    const there = await world.node(options);
    const [tagged, deleted, written] = [0, 1, 2];
    for (const node of [here, there]) {
      for (const row of [tagged, deleted, written]) await node.read({ row, tags: [`row:${row}`] });
    }
    expect(there.loads).toBe(0);
    const traffic = [here, there].map((node) => world.coldTraffic(node, { delayMs: LOADER_MS }));
    await pause(300);

    redis.pause();
    const pausedAt = performance.now();
    await pause(300);
    const floors = [world.write(tagged), world.write(deleted), world.write(written)];
    const changes = [
      here.cache.invalidateTags([`row:${tagged}`]),
      here.cache.delete(keyOf(deleted)),
      here.cache.set(keyOf(written), floors[2]!),
    ] as const;
    const [invalidated, gone] = await Promise.all(changes);
    const changesTookMs = performance.now() - pausedAt - 300;
    expect([invalidated.remote, gone.remote]).toEqual(['queued', 'queued']);
    expect(changesTookMs).toBeLessThan(WRITE_DEADLINE_MS + SLACK_MS);
    const readAll = (node: typeof here): Promise<number[]> =>
      Promise.all([tagged, deleted, written].map((row) => node.read({ row, tags: [`row:${row}`] })));
    const staleOf = (values: readonly number[]): number[] => [0, 1, 2].filter((row) => values[row]! < floors[row]!);

    // Here at once, and ever after; there when the bus has been missed.
    while (performance.now() - pausedAt < PAUSED_MS) {
      const sinceMs = performance.now() - pausedAt;
      expect(staleOf(await readAll(here)), `here, ${sinceMs} ms after the pause`).toEqual([]);
      if (sinceMs > 300 + BOUND_MS + SLACK_MS)
        expect(staleOf(await readAll(there)), `there, ${sinceMs} ms`).toEqual([]);
      await pause(50);
    }
    redis.resume();
    const resumedAt = performance.now();

    await closed(here, there);
    const fresh = await world.node(options);
    for (const node of [here, there, fresh]) expect(staleOf(await readAll(node))).toEqual([]);
    for (const { stop } of traffic) await stop();
    // And what one loads the other finds.
    const before = there.loads;
    await here.read({ row: 4 });
    await pause(50);
    await there.read({ row: 4 });
    expect(there.loads).toBe(before);

    const calls = traffic.flatMap((each) => each.calls);
    console.log(
      `stands still: ${calls.length} calls, slowest ${slowestMs(calls).toFixed(0)} ms, median while still ` +
        `${medianMs(calls, pausedAt + 2_000, resumedAt).toFixed(0)} ms, taken back after ${(performance.now() - resumedAt).toFixed(0)} ms`,
    );
    expect(traffic.flatMap(({ errors }) => errors)).toEqual([]);
    expect(slowestMs(calls)).toBeLessThan(SLOWEST_CALL_MS);
    // Once the breaker is open, calls do not even try.
    expect(medianMs(calls, pausedAt + 2_000, resumedAt)).toBeLessThan(LOADER_MS + READ_DEADLINE_MS);
  });
});
