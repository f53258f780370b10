import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/async/checkpoint/checkpoint.js';
import { SeededRandom, seedOf } from '../../random.js';
import { KeptStore } from './kept-store.js';

interface World {
  readonly random: SeededRandom;
  readonly store: KeptStore;
  readonly items: number;
  readonly workers: number;
  /** How often each item was run. */
  readonly ran: Uint16Array;
  /** Items that were reported as recorded. */
  readonly recorded: Set<number>;
}

/** Workers over one session, each with one item at a time, until the source ends or the process "dies" after so many turns. */
async function live({ random, store, items, workers, ran, recorded }: World, turns: number): Promise<boolean> {
  function* source() {
    for (let i = 0; i < items; i++) yield i;
  }
  let isDead = false;
  const fate = random.chance(0.5);
  store.before = async () => {
    for (let turn = random.below(4); turn > 0; turn--) await Promise.resolve();
    // Dies in the middle of a write, which took effect or did not.
    if (isDead && fate) await new Promise(() => {});
  };
  const documents = source();
  const session = await openCheckpoint({ store, id: (item) => `document-${item}`, source: 'v1' }, documents);
  const remaining = session.remaining(documents);
  let left = turns;
  const work = async (): Promise<void> => {
    for (;;) {
      if (left-- <= 0) isDead = true;
      if (isDead) return;
      const step = remaining.next();
      if (step.done) return;
      const { item, index } = step.value;
      expect(index).toBe(item);
      expect(recorded.has(index), `item ${index} was recorded, and runs again`).toBe(false);
      ran[index]!++;
      for (let turn = random.below(random.chance(0.01) ? 2_000 : 6); turn > 0; turn--) await Promise.resolve();
      if (isDead) return;
      await session.done(index);
      if (!isDead) recorded.add(index);
    }
  };
  const all = Promise.all(Array.from({ length: workers }, work));
  const dead = new Promise<void>((resolve) => {
    const check = (): void => (isDead ? resolve() : void setImmediate(check));
    check();
  });
  await Promise.race([all, dead]);
  if (isDead) return false;
  await session.finish();
  return true;
}

describe('a job that dies at any point, again and again', () => {
  const seed = seedOf('crash-model');

  it.each([1, 4, 50])('misses nothing and repeats at most what was under way, with %i at once', async (workers) => {
    const random = new SeededRandom(seed + workers);
    for (let round = 0; round < 4; round++) {
      const items = 500 + random.below(9_000);
      const world: World = {
        random,
        store: new KeptStore(),
        items,
        workers,
        ran: new Uint16Array(items),
        recorded: new Set(),
      };
      let deaths = 0;
      while (!(await live(world, random.below(items / 4)))) {
        deaths++;
        // What was written before it died stays, and the store answers the next one.
        world.store.before = async () => {};
        Object.assign(world, { store: revived(world.store) });
      }
      const missing = world.ran.filter((times) => times === 0).length;
      const repeated = world.ran.reduce((sum, times) => sum + Math.max(0, times - 1), 0);
      expect(missing, `round ${round}`).toBe(0);
      expect(repeated, `round ${round}, ${deaths} deaths`).toBeLessThanOrEqual(deaths * workers);
      expect(deaths, `round ${round}`).toBeGreaterThan(0);
      expect(world.store.state).toMatchObject({ watermark: items, ahead: [] });
    }
  });
});

/** What a new process finds. */
function revived({ state, appended }: KeptStore): KeptStore {
  const store = new KeptStore();
  store.state = structuredClone(state);
  store.appended = structuredClone(appended);
  return store;
}
