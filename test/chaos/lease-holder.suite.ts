import { describe, it } from 'vitest';
import { findRedis } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { pause } from './chaos-node.js';
import { ChaosWorld, patient, SLACK_MS } from './chaos-world.js';

const LEASE_MS = 2_000;

describeWith('the holder of a lease', await findRedis({ private: true }), (start) => {
  describe('that is killed while it loads', () => {
    it('is missed for no longer than the lease', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const options = { namespace: 'holder', remote: patient(redis.url), coordinator: { lease: LEASE_MS } };
      const [holder] = await world.processes([options]);
      const [here, there] = [await world.node(options), await world.node(options)];
      const loading = holder!.nextLoad();
      const lost = holder!.read({ row: 0, delayMs: 60_000 });
      lost.catch(() => {});
      await loading;
      // The lease is kept up while the loader runs, well beyond its length.
      await pause(1.5 * LEASE_MS);
      const held = here.read({ row: 0, delayMs: 50 });
      await pause(LEASE_MS / 4);
      expect(here.loads).toBe(0);
      await holder!.kill();
      const from = performance.now();
      await held;
      expect(performance.now() - from).toBeLessThan(LEASE_MS + SLACK_MS);
      expect(here.loads).toBe(1);
      await expect(lost).rejects.toThrow('ended');
      // Nothing is left behind: from the end of the lease on, one loads for all.
      await pause(LEASE_MS);
      const again = performance.now();
      await here.read({ row: 0 });
      expect(performance.now() - again).toBeLessThan(SLACK_MS);
      await pause(50);
      await there.read({ row: 0 });
      expect(there.loads).toBe(0);
    });
  });
});
