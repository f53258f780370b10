import { describe, expect, it } from 'vitest';
import { CallMeterWorld, held, RETAINED } from './call-meter-world.js';

/** A world with garbage in it: what collecting takes. */
function withGarbage(): { world: CallMeterWorld; litter: (mb: number) => void } {
  const world = new CallMeterWorld();
  let garbage = 0;
  world.collect = () => {
    world.take({ heap: -garbage, ms: 50 });
    garbage = 0;
  };
  const litter = (mb: number): void => {
    garbage += mb;
    world.take({ heap: mb });
  };
  return { world, litter };
}

describe('retained', () => {
  it('is what a call kept, without garbage of before or its own, nor the time of collecting', async () => {
    const { world, litter } = withGarbage();
    litter(30);
    await world.meter.measure('load', RETAINED, async () => {
      litter(500);
      world.take({ heap: 4, external: 2, ms: 10 });
    });
    expect(world.last).toMatchObject({ attribution: 'retained', heapMb: 4, externalMb: 2, ms: 10 });
    expect(world.last).not.toHaveProperty('majorCollections');
    expect(world.warnings).toEqual([]);
    world.meter.measure('sync', RETAINED, () => {
      litter(500);
      world.take({ heap: 101 });
    });
    expect(world.last).toMatchObject({ attribution: 'retained', heapMb: 101, isAboveWarning: true });
    expect(world.warnings).toHaveLength(1);
  });

  it('is not claimed, nor collected for, where calls overlap', async () => {
    const { world } = withGarbage();
    const [a, b] = [held(), held()];
    const first = world.meter.measure('a', RETAINED, () => a.promise);
    const before = world.reads.collect;
    const second = world.meter.measure('b', RETAINED, () => b.promise);
    a.resolve();
    await first;
    b.resolve();
    await second;
    expect(world.reads.collect).toBe(before);
    expect(world.reports.map(({ attribution }) => attribution)).toEqual(['overlapped', 'overlapped']);
  });

  it('falls back to exclusive without a collector, and says so once', () => {
    const world = new CallMeterWorld();
    for (let n = 0; n < 3; n++) world.meter.measure('load', RETAINED, () => world.take({ heap: 1 }));
    expect(world.reports.map(({ attribution }) => attribution)).toEqual(Array(3).fill('exclusive'));
    expect(world.warnings.map(({ what }) => what)).toEqual([
      "no garbage collector for 'retained': start with --expose-gc or set gc: 'high'",
    ]);
  });

  it('is not claimed where the collector fails after the call', () => {
    const { world } = withGarbage();
    world.meter.measure('load', RETAINED, () => {
      world.collect = () => {
        throw new Error('no');
      };
    });
    expect(world.last).toMatchObject({ attribution: 'exclusive' });
    expect(world.troubles).toMatchObject([{ during: 'a garbage collection around a call' }]);
  });
});
