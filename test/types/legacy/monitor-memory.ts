// Checked by tsc with `experimentalDecorators`: what NestJS applications compile with. Never run.
import type { CallMemoryMeter } from '../../../src/memory/memory-source.js';
import { monitorMemory } from '../../../src/memory/monitor-memory.js';

declare const memory: CallMemoryMeter;

export class Reports {
  readonly memory = memory;
  @monitorMemory((self: Reports) => self.memory) async load(year: number): Promise<number> {
    return year;
  }
  @monitorMemory(memory, { warnAboveMb: 5 }) add(a: number, b: number): number {
    return a + b;
  }
  @monitorMemory(memory) static async *rows(): AsyncGenerator<number> {
    yield 1;
  }
}

export class Wrong {
  // @ts-expect-error Wrong has no manager
  @monitorMemory((self: Reports) => self.memory) async load(): Promise<number> {
    return 1;
  }
  // @ts-expect-error a getter
  @monitorMemory(memory) get got(): number {
    return 1;
  }
}
