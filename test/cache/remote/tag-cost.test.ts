import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { until, useNodes } from './nodes.js';

const FEW = 10;
const MANY = 5_000;

describeWith('what invalidating costs', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  /** How often each command ran, those in scripts included. */
  async function counted(work: () => Promise<unknown>): Promise<Record<string, number>> {
    await nodes.raw.config('RESETSTAT');
    await work();
    const stats = await nodes.raw.info('commandstats');
    const calls = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
      ([, name, n]) => [name!, Number(n)] as const,
    );
    return Object.fromEntries(calls.filter(([name]) => !/^(config|info)/.test(name)));
  }

  it.each([
    ['a tag', (prefix: string) => ({ tags: [prefix] })],
    ['a prefix', (prefix: string) => ({ pattern: `${prefix}:*` })],
  ])('%s: the server runs as many commands for 10 entries as for 5,000', async (_what, names) => {
    const options = { coordinator: { heartbeat: '10m' }, memory: { maxEntries: 2 * MANY } } as const;
    const here = await nodes.open(options);
    const there = await nodes.open(options);
    const stored = async (): Promise<number> => Number(await nodes.raw.dbsize());
    for (const [prefix, count] of [
      ['few', FEW],
      ['many', MANY],
    ] as const) {
      const before = await stored();
      const entries = Array.from({ length: count }, (_, i) => [`${prefix}:${i}`, i] as const);
      await here.setMany(entries, { tags: [prefix] });
      expect(await stored()).toBeGreaterThanOrEqual(before + count);
      expect((await there.getMany(entries.map(([key]) => key))).size).toBe(count);
    }
    // A first one, so that the script is known to the server.
    await here.invalidateTags(['none']);
    const costs: Record<string, number>[] = [];
    for (const prefix of ['few', 'many']) {
      const { tags, pattern } = { tags: undefined, pattern: undefined, ...names(prefix) };
      costs.push(
        await counted(async () => {
          const { remote } = await (tags ? here.invalidateTags(tags) : here.invalidate(pattern!));
          expect(remote).toBe('done');
          await until('the other has heard', () => there.peek(`${prefix}:0`) === undefined);
        }),
      );
      expect(there.peek(`${prefix}:${FEW - 1}`)).toBeUndefined();
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[0]).toMatchObject({ evalsha: 1, publish: 1 });
    expect((await there.getMany(['few:1', 'many:1', `many:${MANY - 1}`])).size).toBe(0);
  });
});
