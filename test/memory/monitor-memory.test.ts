import { describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import type { CallMemoryMeter, MemorySource } from '../../src/memory/memory-source.js';
import { monitorMemory } from '../../src/memory/monitor-memory.js';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import { monitorWorld } from '../monitor/monitor-world.js';
import { CallMeterWorld } from './call-meter-world.js';

describe('monitorMemory around a function', () => {
  it('measures it under its name, keeps receiver, arguments, name and length', () => {
    const world = new CallMeterWorld();
    const wrapped = monitorMemory(world.source)(function load(this: { base: number }, a: number, b: number) {
      world.take({ heap: 3 });
      return this.base + a + b;
    });
    expect(wrapped.call({ base: 1 }, 2, 3)).toBe(6);
    expect([wrapped.name, wrapped.length]).toEqual(['load', 2]);
    expect(world.last).toMatchObject({ name: 'load', heapMb: 3, attribution: 'exclusive' });
  });

  it('takes a name, a bound of its own, and calls that have none', () => {
    const world = new CallMeterWorld();
    monitorMemory(world.source, { name: 'mine', warnAboveMb: 2 })(() => world.take({ heap: 3 }))();
    monitorMemory(world.source, {})(() => {})();
    expect(world.reports.map(({ name, isAboveWarning }) => [name, isAboveWarning])).toEqual([
      ['mine', true],
      ['(anonymous)', false],
    ]);
    expect(world.warnings).toHaveLength(1);
  });

  it('warns above 100 Mb by default', () => {
    const world = new CallMeterWorld();
    const take = monitorMemory(world.source)((heap: number) => world.take({ heap }));
    take(100);
    expect(world.warnings).toHaveLength(0);
    take(101);
    expect(world.warnings).toHaveLength(1);
  });

  it('collects for retained', () => {
    const world = new CallMeterWorld();
    world.collect = () => {};
    monitorMemory(world.source, { retained: true })(() => {})();
    expect(world.last).toMatchObject({ attribution: 'retained' });
  });

  it('takes a manager of the other format, which is known by its shape', () => {
    const measureCall = vi.fn((_name: string, _settings: unknown, call: () => unknown) => call());
    const fn = monitorMemory({ measureCall } as CallMemoryMeter, { warnAboveMb: 7 })(function load() {
      return 5;
    });
    expect(fn()).toBe(5);
    expect(measureCall).toHaveBeenCalledWith('load', { warnAboveMb: 7, retained: false }, expect.any(Function));
  });
});

it('and monitorPerformance may stand around each other: one answer ends both', async () => {
  const world = new CallMeterWorld();
  const { monitor } = monitorWorld();
  const rows = async function* (): AsyncGenerator<number> {
    world.take({ heap: 2 });
    yield 1;
  };
  const wrappers = [monitorMemory(world.source, { name: 'rows' }), monitorPerformance(monitor, 'rows')] as const;
  const read = async (stream: AsyncIterable<number>): Promise<void> => {
    for await (const _ of stream);
  };
  await read(wrappers[0](wrappers[1](rows))());
  await read(wrappers[1](wrappers[0](rows))());
  const query = (): PromiseLike<number> => Object.assign(Promise.resolve(5), { cancel() {} });
  expect(await wrappers[0](wrappers[1](query))()).toBe(5);
  expect(world.reports.map(({ heapMb, attribution }) => [heapMb, attribution])).toEqual([
    [2, 'exclusive'],
    [2, 'exclusive'],
    [0, 'exclusive'],
  ]);
  expect(monitor.getMetricStats('rows')?.count).toBe(3);
  expect([world.meter.stats().running, monitor.reader.inFlight('rows')]).toEqual([0, 0]);
});

describe('a manager', () => {
  it.each([undefined, null, {}, 'memory', { measureCall: 1 }])('that is none is refused at once: %s', (source) => {
    expect(() => monitorMemory(source as never)).toThrow(InvalidOptionError);
    expect(() => monitorMemory(source as never)).toThrow(/first argument of monitorMemory must be a MemoryManager/);
  });

  it('that is not found leaves calls unmeasured, and is warned of once', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const missing = monitorMemory(() => undefined as never)((n: number) => n);
      expect([missing(1), missing(2)]).toEqual([1, 2]);
      expect(warn.mock.calls).toEqual([['monitorMemory: no MemoryManager was found, calls go unmeasured (undefined)']]);
      const failing: MemorySource = () => {
        throw new Error('not injected');
      };
      expect(monitorMemory(failing)(() => 3)()).toBe(3);
      expect(warn).toHaveBeenCalledTimes(2);
    } finally {
      warn.mockRestore();
    }
  });
});

it.each([
  ['options', 5],
  ['warnAboveMb', { warnAboveMb: -1 }],
  ['warnAboveMb', { warnAboveMb: Number.NaN }],
  ['warnAboveMb', { warnAboveMb: '100' }],
  ['name', { name: '' }],
  ['retained', { retained: 'yes' }],
  ['warnAbove', { warnAbove: 5 }],
])('a bad option is refused by its name: %s', (option, options) => {
  const { source } = new CallMeterWorld();
  expect(() => monitorMemory(source, options as never)).toThrow(InvalidOptionError);
  expect(() => monitorMemory(source, options as never)).toThrow(new RegExp(`^${option} must be`));
});
