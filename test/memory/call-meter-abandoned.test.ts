import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { CallMeterWorld, held, PLAIN } from './call-meter-world.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Collects garbage until something is true of it, or never will be. */
async function collected(isTrue: () => boolean): Promise<boolean> {
  for (let round = 0; round < 50 && !isTrue(); round++) {
    collectGarbage();
    for (let i = 0; i < 5; i++) await flushMicrotasks();
  }
  return isTrue();
}

/** Answers that never come to an end. */
const endless: Record<string, () => unknown> = {
  'a promise that nobody can settle': () => new Promise(() => {}),
  'an async function that waits for one': async () => {
    await new Promise(() => {});
  },
  'a generator that nobody reads': async function* () {
    yield 1;
  },
  'a thenable that nobody awaits': () => ({
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    then() {},
  }),
};

it.each(Object.keys(endless))(
  '%s is over when it is collected, and overlaps with no other from then on',
  async (kind) => {
    const world = new CallMeterWorld();
    for (let call = 0; call < 5; call++) void world.meter.measure('endless', PLAIN, endless[kind]!);
    expect(world.meter.stats().running).toBe(5);
    expect(await collected(() => world.meter.stats().running === 0)).toBe(true);
    expect(world.total('endless')).toMatchObject({ calls: 5, unmeasured: 5 });
    await world.meter.measure('next', PLAIN, async () => {});
    expect(world.last).toMatchObject({ name: 'next', attribution: 'exclusive' });
  },
);

it('a promise that is settled later runs until then, though nobody holds its answer', async () => {
  const world = new CallMeterWorld();
  const { promise, resolve } = held();
  void world.meter.measure('slow', PLAIN, () => promise);
  for (let call = 0; call < 5; call++) void world.meter.measure('lost', PLAIN, () => new Promise(() => {}));
  expect(await collected(() => world.meter.stats().running === 1)).toBe(true);
  world.take({ heap: 3 });
  resolve();
  await flushMicrotasks();
  expect(world.last).toMatchObject({ name: 'slow', heapMb: 3, attribution: 'overlapped' });
  expect(world.meter.stats().running).toBe(0);
});
