import type { LevelChange, MemoryEvents, Trim } from '../../src/memory/memory-events.js';
import { MemoryManager } from '../../src/memory/memory-manager.js';
import type { MemoryManagerOptions } from '../../src/memory/memory-options.js';
import type { Trimmable } from '../../src/memory/trimmable.js';
import { ManualClock } from '../manual-clock.js';
import { ScriptedReader } from './scripted-reader.js';

/** A manager over a scripted process and a manual clock, with what it tells. */
export interface ManagerWorld {
  readonly memory: MemoryManager;
  readonly reader: ScriptedReader;
  readonly clock: ManualClock;
  readonly levels: LevelChange[];
  readonly trims: Trim[];
  readonly errors: MemoryEvents['error'][];
  /** Lets time pass in steps of 50 ms, with a turn of the event loop after each, as between timers. */
  pass(ms: number): Promise<void>;
}

/** A heap of at most 1,000 Mb in a process of at most 2,000. */
export function managerWorld(options: MemoryManagerOptions = {}): ManagerWorld {
  const reader = new ScriptedReader();
  const clock = new ManualClock();
  const memory = new MemoryManager({ reader, clock, gc: 'off', ...options });
  const world: ManagerWorld = { memory, reader, clock, levels: [], trims: [], errors: [], pass };
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 50) await clock.advanceAsync(Math.min(50, left));
  }
  memory.on('level', (change) => world.levels.push(change));
  memory.on('trim', (trim) => world.trims.push(trim));
  memory.on('error', (error) => world.errors.push(error));
  return world;
}

const MB = 2 ** 20;

/** Holds so many Mb of the scripted heap, and gives them back as garbage. */
export class HeldMemory implements Trimmable {
  readonly asked: number[] = [];
  savedMs: number;
  #mb: number;

  constructor(mb: number, savedMs = 0) {
    this.#mb = mb;
    this.savedMs = savedMs;
  }

  get bytes(): number {
    return this.#mb * MB;
  }

  trim(fraction: number): number {
    this.asked.push(fraction);
    const freed = this.#mb * fraction;
    this.#mb -= freed;
    return freed * MB;
  }
}

/** Does not say how much it holds. */
export class BlindMemory implements Trimmable {
  readonly asked: number[] = [];

  trim(fraction: number): number {
    this.asked.push(fraction);
    return 0;
  }
}
