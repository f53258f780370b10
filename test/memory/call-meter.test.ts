import { describe, expect, it } from 'vitest';
import { MOST_CALL_NAMES, OTHER_CALLS } from '../../src/memory/call-totals.js';
import { MB } from '../../src/memory/memory-usage.js';
import { CallMeterWorld, held, PLAIN } from './call-meter-world.js';

describe('a report', () => {
  it('has heap, buffers and resident memory after a sync call, and by how much they have grown', () => {
    const world = new CallMeterWorld();
    const answer = world.meter.measure('load', PLAIN, () => {
      world.take({ heap: 7, external: 3, rss: 12, ms: 40 });
      return 'rows';
    });
    expect(answer).toBe('rows');
    expect(world.reports).toEqual([
      {
        name: 'load',
        attribution: 'exclusive',
        heapMb: 7,
        externalMb: 3,
        rssMb: 12,
        heapAfterMb: 57,
        externalAfterMb: 8,
        rssAfterMb: 112,
        ms: 40,
        failed: false,
        isAboveWarning: false,
      },
    ]);
  });

  it('is below 0 where memory was given back', () => {
    const world = new CallMeterWorld();
    world.meter.measure('load', PLAIN, () => world.take({ heap: -7, external: -1, rss: -2 }));
    expect(world.last).toMatchObject({ heapMb: -7, externalMb: -1, rssMb: -2 });
  });

  it('comes when a promise settles, and counts what was allocated until then', async () => {
    const world = new CallMeterWorld();
    const { promise, resolve } = held<string>();
    const answer = world.meter.measure('load', PLAIN, () => promise);
    world.take({ heap: 4, ms: 10 });
    expect(world.reports).toEqual([]);
    resolve('rows');
    expect(await answer).toBe('rows');
    expect(world.last).toMatchObject({ attribution: 'exclusive', heapMb: 4, ms: 10 });
    expect(world.meter.stats().running).toBe(0);
  });

  it('of a call that throws or rejects says so, and the error goes through untouched', async () => {
    const world = new CallMeterWorld();
    const error = new RangeError('no');
    const failing = (): never => {
      world.take({ heap: 2 });
      throw error;
    };
    expect(() => world.meter.measure('load', PLAIN, failing)).toThrow(error);
    expect(world.last).toMatchObject({ failed: true, heapMb: 2, attribution: 'exclusive' });
    await expect(world.meter.measure('load', PLAIN, async () => failing())).rejects.toBe(error);
    await expect(world.meter.measure('load', PLAIN, () => Promise.reject(undefined))).rejects.toBeUndefined();
    expect(world.reports.map((report) => report.failed)).toEqual([true, true, true]);
    expect(world.total('load')).toMatchObject({ calls: 3, failed: 3, exclusive: 3 });
    expect(world.meter.stats().running).toBe(0);
  });

  it('says how many major collections were told of, only where it can be known', async () => {
    const world = new CallMeterWorld();
    const call = async (): Promise<void> => {
      await null;
      world.collections.majors += 2;
    };
    await world.meter.measure('unwatched', PLAIN, call);
    expect(world.last).not.toHaveProperty('majorCollections');
    world.collections.isWatching = true;
    await world.meter.measure('watched', PLAIN, call);
    expect(world.last).toMatchObject({ majorCollections: 2 });
    world.meter.measure('sync', PLAIN, () => {});
    expect(world.last).not.toHaveProperty('majorCollections');
  });

  it('is not made, nor resident memory read, where nobody listens', async () => {
    const world = new CallMeterWorld();
    world.isListening = false;
    await world.meter.measure('load', PLAIN, async () => world.take({ heap: 30, external: 20 }));
    expect([world.reports, world.reads]).toEqual([[], { heap: 2, rss: 0, collect: 0 }]);
    expect(world.total('load')).toMatchObject({ calls: 1, exclusive: 1, largestMb: 50 });
  });

  it('has no resident memory where the listener came during the call', async () => {
    const world = new CallMeterWorld();
    world.isListening = false;
    const { promise, resolve } = held();
    const answer = world.meter.measure('load', PLAIN, () => promise);
    world.isListening = true;
    resolve();
    await answer;
    expect(world.reports).toHaveLength(1);
    expect(world.last).not.toHaveProperty('rssMb');
  });

  it('has no time below 0 when the clock is set back', () => {
    let now = 1_000;
    const world = new CallMeterWorld({ clock: { now: () => now } });
    world.meter.measure('load', PLAIN, () => {
      now = 0;
    });
    expect(world.last?.ms).toBe(0);
  });
});

describe('a thenable', () => {
  it('stays the object it is and lazy, and is measured when it is awaited', async () => {
    const world = new CallMeterWorld();
    let runs = 0;
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      then<A>(done: (rows: string) => A): Promise<A> {
        runs++;
        world.take({ heap: 6 });
        return Promise.resolve('rows').then(done);
      },
    };
    const answer = world.meter.measure('query', PLAIN, () => query);
    expect([answer === query, runs, world.reports]).toEqual([true, 0, []]);
    expect(await answer).toBe('rows');
    expect(world.last).toMatchObject({ heapMb: 6 });
  });

  it('that cannot be watched counts as unmeasured', async () => {
    const world = new CallMeterWorld();
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    const frozen = Object.freeze({ then: (done: (n: number) => void) => done(1) });
    expect(await world.meter.measure('frozen', PLAIN, () => frozen)).toBe(1);
    expect(world.reports).toEqual([]);
    expect(world.total('frozen')).toMatchObject({ calls: 1, unmeasured: 1, exclusive: 0 });
    expect(world.meter.stats().running).toBe(0);
  });
});

describe('a warning', () => {
  it('is of an exclusive call above the bound, and of no other', async () => {
    const world = new CallMeterWorld();
    world.isListening = false;
    world.meter.measure('at', PLAIN, () => world.take({ heap: 60, external: 40 }));
    expect(world.warnings).toEqual([]);
    world.meter.measure('above', PLAIN, () => world.take({ heap: 60, external: 41 }));
    expect(world.warnings).toHaveLength(1);
    expect(world.warnings[0]).toMatchObject({
      what: "'above' has grown memory by more than 100 Mb",
      data: { name: 'above', attribution: 'exclusive', heapMb: 60, externalMb: 41, isAboveWarning: true },
    });
    world.meter.measure('never', { ...PLAIN, warnAboveMb: Number.POSITIVE_INFINITY }, () => world.take({ heap: 9999 }));
    expect(world.warnings).toHaveLength(1);
    expect(world.reports).toEqual([]);
  });

  it('is never of one that overlapped, however much there is', async () => {
    const world = new CallMeterWorld();
    const [a, b] = [held(), held()];
    const answers = [
      world.meter.measure('a', PLAIN, () => a.promise),
      world.meter.measure('b', PLAIN, () => b.promise),
    ];
    world.take({ heap: 500 });
    a.resolve();
    b.resolve();
    await Promise.all(answers);
    expect(world.warnings).toEqual([]);
    expect(world.reports.map((report) => [report.attribution, report.isAboveWarning])).toEqual([
      ['overlapped', true],
      ['overlapped', true],
    ]);
    expect(world.total('a')).toMatchObject({ overlapped: 1, exclusive: 0, largestMb: 0 });
  });
});

describe('trouble', () => {
  it('in a reading, before or after, is told, and the call goes on', async () => {
    const world = new CallMeterWorld();
    world.broken = new Error('EMFILE');
    expect(world.meter.measure('load', PLAIN, () => 5)).toBe(5);
    world.broken = undefined;
    const answer = world.meter.measure('load', PLAIN, async () => {
      world.broken = new Error('EMFILE');
      return 6;
    });
    expect(await answer).toBe(6);
    expect(world.troubles.map(({ during }) => during)).toEqual(Array(2).fill("measuring the memory of 'load'"));
    expect(world.total('load')).toMatchObject({ calls: 2, unmeasured: 2 });
    expect(world.meter.stats().running).toBe(0);
  });

  it('of every hook at once breaks no call', async () => {
    const fail = (): never => {
      throw new Error('hook');
    };
    const hooks = { clock: { now: fail }, collectNow: fail, wants: fail, onCall: fail, warn: fail, onTrouble: fail };
    const world = new CallMeterWorld(hooks);
    const settings = { warnAboveMb: 0, retained: true };
    expect(world.meter.measure('load', settings, () => 5)).toBe(5);
    expect(await world.meter.measure('load', settings, async () => 6)).toBe(6);
    const { clock: _, ...others } = hooks;
    const timed = new CallMeterWorld({ ...others, wants: () => true });
    expect(timed.meter.measure('load', settings, () => timed.take({ heap: 5 }))).toBeUndefined();
    expect(timed.total('load')).toMatchObject({ calls: 1, exclusive: 1, largestMb: 5 });
  });
});

describe('totals', () => {
  it('tell a bounded number of names apart, and count the rest together', () => {
    const world = new CallMeterWorld();
    for (let n = 0; n < MOST_CALL_NAMES + 50; n++) {
      world.meter.measure(`f${n}`, PLAIN, () => {
        world.memory.heap += n * MB;
      });
    }
    world.meter.measure('f0', PLAIN, () => {});
    const { byName } = world.meter.stats();
    expect(byName).toHaveLength(MOST_CALL_NAMES + 1);
    expect(byName[0]).toMatchObject({ name: 'f0', calls: 2 });
    expect(byName.at(-1)).toEqual({
      name: OTHER_CALLS,
      calls: 50,
      exclusive: 50,
      overlapped: 0,
      unmeasured: 0,
      failed: 0,
      largestMb: MOST_CALL_NAMES + 49,
    });
  });
});
