import type { LeakProfile, LeakReport } from '../../src/memory/leaks/leak-report.js';
import type { ForcedCollection } from '../../src/memory/memory-events.js';
import type { MemoryManagerOptions } from '../../src/memory/memory-options.js';
import { flushMicrotasks } from '../manual-clock.js';
import { type ManagerWorld, managerWorld } from './manager-world.js';

/** A manager over a scripted process that leaks, with all that it tells of it. */
export interface LeakyWorld extends ManagerWorld {
  readonly leaks: LeakReport[];
  readonly profiles: LeakProfile[];
  readonly collections: ForcedCollection[];
  readonly warnings: string[];
  /** Adds 2 Mb a minute to 100, collected every 10 s. */
  leak(minutes: number): Promise<void>;
}

export function leakyWorld(options: MemoryManagerOptions = {}): LeakyWorld {
  const leaks: LeakReport[] = [];
  const profiles: LeakProfile[] = [];
  const collections: ForcedCollection[] = [];
  const warnings: string[] = [];
  const warn = (_: object, message = ''): void => void warnings.push(message);
  const logger = { warn, debug: warn, info: warn, error: warn };
  const world = managerWorld({ logger, ...options });
  const { memory, reader, clock } = world;
  // Some hours away at this pace.
  reader.heapLimitMb = 500;
  memory.on('leak', (report) => leaks.push(report));
  memory.on('leak:profile', (profile) => profiles.push(profile));
  memory.on('gc', (collection) => collections.push(collection));
  let alive = 100;
  const leak = async (minutes: number): Promise<void> => {
    for (let i = 0; i < minutes * 6; i++) {
      alive += 1 / 3;
      clock.advance(10_000);
      reader.collect(alive);
    }
    await flushMicrotasks();
  };
  return { ...world, leaks, profiles, collections, warnings, leak };
}

/** Lets what waits for the inspector go on. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo() && turns < 1_000; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Lets a profile of 30 s begin, and end. */
export async function profileEnds({ clock, collections }: LeakyWorld): Promise<void> {
  const before = collections.length;
  await until(() => clock.pendingTimers > 0);
  clock.advance(30_000);
  await until(() => collections.length > before);
  await flushMicrotasks();
}
