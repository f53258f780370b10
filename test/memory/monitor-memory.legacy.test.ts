import { describe, expect, it } from 'vitest';
import type { CallMemoryMeter } from '../../src/memory/memory-source.js';
import { monitorMemory } from '../../src/memory/monitor-memory.js';
import { CallMeterWorld } from './call-meter-world.js';

const world = new CallMeterWorld();

class Reports {
  constructor(readonly memory: CallMemoryMeter) {}

  @monitorMemory(world.source, { name: 'fixed' })
  add(a: number, b: number): number {
    return a + b;
  }

  @monitorMemory((self: Reports) => self.memory)
  async load(year: number): Promise<number> {
    return year;
  }

  @monitorMemory((self: Reports) => self.memory)
  async *rows(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }
}

const names = ({ reports }: CallMeterWorld): string[] => reports.map(({ name }) => name);

describe('monitorMemory as a legacy decorator', () => {
  it('measures sync, promise and iterator methods of each instance by its own manager, under class and name', async () => {
    const [first, second] = [new CallMeterWorld(), new CallMeterWorld()];
    const reports = new Reports(first.source);
    expect(reports.add(1, 2)).toBe(3);
    expect(await reports.load(2020)).toBe(2020);
    const rows: number[] = [];
    for await (const row of new Reports(second.source).rows()) rows.push(row);
    expect(rows).toEqual([1, 2]);
    expect([names(world), names(first), names(second)]).toEqual([['fixed'], ['Reports.load'], ['Reports.rows']]);
    expect(Object.getOwnPropertyDescriptor(Reports.prototype, 'add')).toMatchObject({
      enumerable: false,
      writable: true,
    });
  });

  it('runs a method unmeasured whose receiver has no manager', async () => {
    expect(await new Reports(undefined as never).load(1)).toBe(1);
  });
});
