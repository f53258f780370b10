import type { RaceRecipe, Way } from './contestant.js';

/** What a race came to. `stale`: the read after the invalidation served what was loaded before it. */
export interface RaceOutcome {
  readonly later: 'fresh' | 'stale' | 'no such call';
  /** What the caller got whose load was under way. */
  readonly caller: 'value' | 'error' | 'none';
}

/** A source of truth whose first load can be held up in the middle. */
class Source {
  value = 'old';
  readonly #gate: Promise<void>;
  readonly started: Promise<void>;
  release!: () => void;
  #start!: () => void;
  #isFirst = true;

  constructor() {
    this.#gate = new Promise((resolve) => {
      this.release = resolve;
    });
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
  }

  /** Reads the source at once, as a query does; the first load takes its time to return. */
  readonly load = async (): Promise<string> => {
    const seen = this.value;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#start();
      await this.#gate;
    }
    return seen;
  };
}

/**
 * A load starts and reads `old`; the source becomes `new`; the host invalidates; the load ends; somebody reads again.
 * Nothing may then serve `old`: it is gone from the source, and the cache was told.
 */
export async function runRace(recipe: RaceRecipe, way: Way): Promise<RaceOutcome> {
  const source = new Source();
  const racer = await recipe.build(source.load);
  const invalidate = racer.invalidate[way];
  if (!invalidate) {
    await racer.close?.();
    return { later: 'no such call', caller: 'none' };
  }
  const caller = racer.read().then(
    () => 'value' as const,
    () => 'error' as const,
  );
  await source.started;
  await aWhile();
  source.value = 'new';
  await invalidate('new');
  await aWhile();
  source.release();
  const got = await caller;
  await aWhile();
  const later = await racer.read();
  await racer.close?.();
  return { later: later === 'new' ? 'fresh' : 'stale', caller: got };
}

/** As a load takes longer than a tick of the clock; and, after it, so that every write it leaves behind has run to its end. */
function aWhile(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
