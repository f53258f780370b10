import { it } from 'vitest';
import { findRedis } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { TcpProxy } from '../services/tcp-proxy.js';
import { pause } from './chaos-node.js';
import { ChaosWorld, SLACK_MS } from './chaos-world.js';

const BUS_DELAY_MS = 5_000;
const HEARTBEAT_MS = 1_000;
const DEGRADED_MS = 5_000;
const ROUNDS = 20;
const READS = 100_000;

describeWith('a token', await findRedis({ private: true }), (start) => {
  it(
    `shows no process anything older: 0 of ${READS} reads, the bus delayed by 5 s`,
    { timeout: 120_000 },
    async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const proxy = world.own(await TcpProxy.start(redis.port));
      const coordinator = { heartbeat: HEARTBEAT_MS, degradedTtl: DEGRADED_MS };
      const options = (url: string): Record<string, unknown> => ({
        namespace: 'tokens',
        remote: { store: url, readDeadline: '5s', writeDeadline: '5s' },
        coordinator,
      });
      const [here, there] = await world.processes([options(redis.url), options(proxy.url)]);
      proxy.delay({ down: BUS_DELAY_MS }, ['bus']);
      const read = { row: 0, tags: ['t'] };
      let withToken = 0;
      let stale = 0;
      let staleWithout = 0;
      let memoryHits = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const floor = world.write(0);
        const { token, remote } = await here!.call('invalidateTags', ['t']);
        expect(remote).toBe('done');
        // The bus has not told it, so it does not know.
        if (round > 0 && (await there!.read(read)) < floor) staleWithout++;
        const result = await there!.ask('readRepeatedly', {
          ...read,
          after: token,
          reads: READS / ROUNDS,
          concurrency: 10,
          floor,
        });
        withToken += result.reads;
        stale += result.stale;
        memoryHits += result.memoryHits;
        expect(result.errors).toEqual([]);
      }
      console.log(
        `tokens: ${stale} of ${withToken} reads stale, ${memoryHits} from memory; without a token ${staleWithout} of ${ROUNDS - 1}`,
      );
      expect(withToken).toBeGreaterThanOrEqual(READS);
      expect(stale).toBe(0);
      expect(memoryHits).toBeGreaterThan(READS * 0.9);
      // Else the bus was not late, and there was nothing to be shown.
      expect(staleWithout).toBeGreaterThan(0);

      // Without a token the bound of a lost bus holds.
      const floor = world.write(0);
      await here!.call('invalidateTags', ['t']);
      await pause(HEARTBEAT_MS + 2_000 + DEGRADED_MS + SLACK_MS);
      expect(await there!.read(read)).toBeGreaterThanOrEqual(floor);
    },
  );
});
