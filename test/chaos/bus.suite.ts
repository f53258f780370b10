import { describe, it } from 'vitest';
import { findRedis, type RedisServer } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { TcpProxy } from '../services/tcp-proxy.js';
import { type ChaosNode, keyOf, pause } from './chaos-node.js';
import { ChaosWorld, eventually, patient, SLACK_MS } from './chaos-world.js';
import { monotonicUs } from './shared-rows.js';

const HEARTBEAT_MS = 200;
const DEGRADED_MS = 500;
/** Until the next heartbeat, until that is missed, and what is left of the life of what is in memory. */
const BOUND_MS = HEARTBEAT_MS + 2_000 + DEGRADED_MS;

const options = (url: string): Readonly<Record<string, unknown>> => ({
  namespace: 'bus',
  remote: patient(url),
  coordinator: { heartbeat: HEARTBEAT_MS, degradedTtl: DEGRADED_MS },
});

interface Pair {
  readonly world: ChaosWorld;
  readonly proxy: TcpProxy;
  readonly here: ChaosNode;
  /** Its bus goes through the proxy. */
  readonly there: ChaosNode;
}

async function pair(world: ChaosWorld, redis: RedisServer): Promise<Pair> {
  const proxy = world.own(await TcpProxy.start(redis.port));
  const here = await world.node(options(redis.url));
  const there = await world.node(options(proxy.url));
  await eventually('a bus', () => proxy.connections('bus') === 1);
  return { world, proxy, here, there };
}

const read = (node: ChaosNode): Promise<number> => node.read({ row: 0, tags: ['t'] });

type Change = 'invalidateTags' | 'invalidate' | 'delete' | 'set';
const CHANGES: readonly Change[] = ['invalidateTags', 'invalidate', 'delete', 'set'];

/** Changes the row here and reads it there until it is seen. Milliseconds from the end of the change to the last stale read. */
async function lagMs({ world, here, there }: Pair, how: Change, timeoutMs: number): Promise<number> {
  await read(here);
  await read(there);
  const floor = world.write(0);
  if (how === 'invalidateTags') await here.cache.invalidateTags(['t']);
  else if (how === 'invalidate') await here.cache.invalidate('a:*');
  else if (how === 'delete') await here.cache.delete(keyOf(0));
  else await here.cache.set(keyOf(0), floor, { tags: ['t'] });
  const from = monotonicUs();
  for (let last = 0; ; ) {
    const at = (monotonicUs() - from) / 1000;
    if ((await read(there)) >= floor) return last;
    if (at > timeoutMs) return Number.POSITIVE_INFINITY;
    last = at;
    await pause(5);
  }
}

/** The lag of each kind of change, one after the other. */
async function lagsMs(nodes: Pair): Promise<Record<Change, number>> {
  const lags: [Change, number][] = [];
  for (const how of CHANGES) lags.push([how, Math.round(await lagMs(nodes, how, 20_000))]);
  return Object.fromEntries(lags) as Record<Change, number>;
}

const longest = (lags: Record<Change, number>): number => Math.max(...Object.values(lags));

describeWith('the bus', await findRedis({ private: true }), (start) => {
  describe.concurrent('of a node', () => {
    it('brings changes within moments while all is well', async (test) => {
      const world = new ChaosWorld(test);
      const nodes = await pair(world, world.own(await start()));
      for (let i = 0; i < 5; i++) test.expect(longest(await lagsMs(nodes))).toBeLessThan(SLACK_MS);
    });

    it.for([
      [
        'is cut and refused',
        (proxy: TcpProxy): void => {
          proxy.refuse(['bus']);
          proxy.cut(['bus']);
        },
      ],
      ['is frozen, and looks alive', (proxy: TcpProxy): void => proxy.freeze(['bus'])],
    ] as const)(
      '%s while the store lives: changes are seen within the bound, and at once when it is back',
      async ([name, lose], test) => {
        const { expect } = test;
        const world = new ChaosWorld(test);
        const nodes = await pair(world, world.own(await start()));
        const { proxy, there } = nodes;
        const gaps: unknown[] = [];
        there.cache.on('bus:gap', (event) => gaps.push(event));
        expect(longest(await lagsMs(nodes))).toBeLessThan(SLACK_MS);
        lose(proxy);
        const lags = await lagsMs(nodes);
        console.log(`the bus ${name}: a change was seen after`, lags, 'ms');
        expect(longest(lags)).toBeLessThan(BOUND_MS + SLACK_MS);
        // By now the loss has been noticed; the rule stays the same.
        await pause(BOUND_MS);
        expect(longest(await lagsMs(nodes))).toBeLessThan(BOUND_MS + SLACK_MS);
        // The store is still of use: what is in it is not loaded again.
        const loads = there.loads;
        await nodes.here.read({ row: 1 });
        await pause(50);
        await there.read({ row: 1 });
        expect(there.loads).toBe(loads);
        expect(there.cache.stats().remote?.state).toBe('closed');

        proxy.accept();
        proxy.thaw();
        await eventually('the bus to be back', () => proxy.connections('bus') >= 1, 15_000);
        await pause(1_000);
        expect(longest(await lagsMs(nodes))).toBeLessThan(SLACK_MS);
        expect(gaps.length).toBeGreaterThan(0);
      },
    );

    it('that was lost for a moment misses nothing', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const nodes = await pair(world, world.own(await start()));
      const { proxy, here, there } = nodes;
      let stale = 0;
      for (let i = 0; i < 5; i++) {
        await read(here);
        await read(there);
        proxy.refuse(['bus']);
        proxy.cut(['bus']);
        const floor = world.write(0);
        await here.cache.invalidateTags(['t']);
        proxy.accept(['bus']);
        await eventually('the bus to be back', () => proxy.connections('bus') >= 1);
        await pause(SLACK_MS);
        if ((await read(there)) < floor) stale++;
      }
      expect(stale).toBe(0);
    });
  });
});
