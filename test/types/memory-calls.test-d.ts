import { describe, expectTypeOf, it } from 'vitest';
import { compose } from '../../src/core/compose.js';
import type { CallMemory } from '../../src/memory/call-memory.js';
import type { CallMemoryMeter } from '../../src/memory/memory-source.js';
import { monitorMemory } from '../../src/memory/monitor-memory.js';

declare const memory: CallMemoryMeter;
declare const ask: (question: string, tries: number) => Promise<number>;
declare const count: (text: string) => number;
declare const stream: (question: string) => AsyncGenerator<string, void, undefined>;
declare const first: <T>(list: readonly T[]) => T | undefined;

describe('monitorMemory', () => {
  it('keeps the whole type of functions of every kind', () => {
    expectTypeOf(monitorMemory(memory)(ask)).toEqualTypeOf(ask);
    expectTypeOf(monitorMemory(memory, { warnAboveMb: 50 })(count)).toEqualTypeOf(count);
    expectTypeOf(monitorMemory(memory, { name: 'stream', retained: true })(stream)).toEqualTypeOf(stream);
    const generic = monitorMemory(memory)(first);
    expectTypeOf(generic([1])).toEqualTypeOf<number | undefined>();
    expectTypeOf(generic(['a'])).toEqualTypeOf<string | undefined>();
    expectTypeOf(compose(ask, monitorMemory(memory))).toEqualTypeOf(ask);
  });

  it('refuses what is no manager, no function and no option', () => {
    // @ts-expect-error no manager
    monitorMemory({});
    // @ts-expect-error it finds none
    monitorMemory(() => ({}));
    // @ts-expect-error no function
    monitorMemory(memory)(7);
    // @ts-expect-error no such option
    monitorMemory(memory, { warnAbove: 100 });
    // @ts-expect-error in Mb, as a number
    monitorMemory(memory, { warnAboveMb: '100' });
  });

  it('decorates methods of every kind, by the manager of their instance', () => {
    class Service {
      readonly memory = memory;
      @monitorMemory((self: Service) => self.memory, { warnAboveMb: 10 })
      async load(year: number): Promise<number> {
        return year;
      }
      @monitorMemory(memory)
      add(a: number, b: number): number {
        return a + b;
      }
    }
    expectTypeOf(new Service().load).toEqualTypeOf<(year: number) => Promise<number>>();
    expectTypeOf(new Service().add).toEqualTypeOf<(a: number, b: number) => number>();
    class Other {
      // @ts-expect-error Other has no manager
      @monitorMemory((self: Service) => self.memory)
      async load(): Promise<number> {
        return 1;
      }
    }
    expectTypeOf(new Other().load).returns.resolves.toEqualTypeOf<number>();
  });

  it('reports resident memory only where it was read', () => {
    expectTypeOf<CallMemory['rssMb']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<CallMemory['heapMb']>().toEqualTypeOf<number>();
  });
});
