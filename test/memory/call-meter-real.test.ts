import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { systemMemoryReader } from '../../src/memory/memory-reader.js';
import { CallMeterWorld, PLAIN, RETAINED } from './call-meter-world.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MB = 2 ** 20;

/** A meter of this process. */
function realWorld(): CallMeterWorld {
  const collectNow = (): boolean => {
    collectGarbage();
    return true;
  };
  return new CallMeterWorld({ reader: systemMemoryReader(), collectNow });
}

it('a function that keeps 20 Mb is reported with them as its own, four at once with none', async () => {
  const world = realWorld();
  const kept: Buffer[] = [];
  const keep = async (): Promise<void> => {
    await delay(1);
    kept.push(Buffer.alloc(20 * MB, 1));
    await delay(1);
  };
  // What the first call compiles is not the function's, and garbage of before may be taken at any time.
  await world.meter.measure('first', PLAIN, keep);
  collectGarbage();
  collectGarbage();
  await world.meter.measure('alone', PLAIN, keep);
  const { heapMb, externalMb, rssMb, attribution } = world.last!;
  expect(attribution).toBe('exclusive');
  expect(heapMb + externalMb).toBeGreaterThan(18);
  expect(heapMb + externalMb).toBeLessThan(22);
  expect(rssMb).toBeGreaterThan(10);
  await Promise.all(Array.from({ length: 4 }, (_, n) => world.meter.measure(`together ${n}`, PLAIN, keep)));
  expect(world.reports.slice(-4).map((report) => report.attribution)).toEqual(Array(4).fill('overlapped'));
  expect(kept).toHaveLength(6);
});

it('retained takes away what was only used, and leaves what is kept', async () => {
  const world = realWorld();
  const kept: unknown[] = [];
  const work = async (keptMb: number): Promise<void> => {
    await delay(1);
    for (let n = 0; n < 10; n++) Buffer.alloc(5 * MB, 1);
    kept.push(Array.from({ length: keptMb }, () => Buffer.alloc(MB, 1)));
  };
  await world.meter.measure('first', RETAINED, () => work(0));
  await world.meter.measure('nothing', RETAINED, () => work(0));
  expect(world.last?.attribution).toBe('retained');
  expect(Math.abs(world.last!.heapMb + world.last!.externalMb)).toBeLessThan(1);
  await world.meter.measure('some', RETAINED, () => work(8));
  expect(world.last!.heapMb + world.last!.externalMb).toBeGreaterThan(7.2);
  expect(world.last!.heapMb + world.last!.externalMb).toBeLessThan(8.8);
  expect(kept).toHaveLength(3);
});
