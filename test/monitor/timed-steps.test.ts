import { EventEmitter, on } from 'node:events';
import { describe, expect, it } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';

const count = (monitor: PerformanceMonitor, name: string, labels?: Record<string, string>) =>
  monitor.getMetricStats(name, labels && { labels })?.count ?? 0;

describe('the steps of an iteration', () => {
  /** An iterator that is none of JavaScript's own. */
  const iterable = (next: () => unknown, more: object = {}) =>
    ({ [Symbol.asyncIterator]: () => ({ next, ...more }) }) as unknown as AsyncIterable<number>;

  it('may be plain objects, or promises of any kind', async () => {
    const { monitor } = monitorWorld();
    const upTo3 = (step: (result: object) => unknown) => {
      let value = 0;
      return iterable(() => {
        value++;
        return step({ value, done: value > 3 });
      });
    };
    const kinds: ((result: object) => unknown)[] = [
      (result) => result,
      (result) => Promise.resolve(result),
      // biome-ignore lint/suspicious/noThenProperty: a thenable
      (result) => ({ then: (done: (result: object) => void) => done(result) }),
    ];
    for (const kind of kinds) {
      const read: number[] = [];
      for await (const value of monitor.time('read', () => upTo3(kind))) read.push(value);
      expect(read).toEqual([1, 2, 3]);
    }
    expect([count(monitor, 'read'), count(monitor, 'read_between_chunks')]).toEqual([3, 6]);
  });

  it('may be left by a return that answers at once', async () => {
    const { monitor } = monitorWorld();
    const endless = iterable(async () => ({ value: 1, done: false }), { return: () => ({ done: true }) });
    for await (const _ of monitor.time('read', () => endless)) break;
    expect([count(monitor, 'read'), monitor.reader.inFlight('read')]).toEqual([1, 0]);
  });

  it('may throw at once, which is counted under the error', async () => {
    const { monitor } = monitorWorld();
    const broken = iterable(() => {
      throw new RangeError('no');
    });
    await expect(async () => {
      for await (const _ of monitor.time('read', () => broken));
    }).rejects.toThrow('no');
    expect(count(monitor, 'read', { error: 'RangeError' })).toBe(1);
  });

  it("go through an object's own next where it is its own iterator", async () => {
    const { monitor } = monitorWorld();
    const emitter = new EventEmitter();
    const events = monitor.time('read', () => on(emitter, 'tick'));
    emitter.emit('tick', 1);
    expect(await events.next()).toEqual({ value: [1], done: false });
    await events.return?.();
    expect([count(monitor, 'read'), count(monitor, 'read_first_chunk')]).toEqual([1, 1]);
    async function* generate() {
      yield 1;
    }
    const generator = monitor.time('read', generate);
    while (!(await generator.next()).done);
    expect(count(monitor, 'read')).toBe(2);
  });

  it('of a loop within a loop over the same object count once', async () => {
    const { monitor } = monitorWorld();
    async function* three() {
      yield* [1, 2, 3];
    }
    const list = { [Symbol.asyncIterator]: three };
    for await (const _ of monitor.time('read', () => list)) for await (const _ of list);
    expect([count(monitor, 'read'), count(monitor, 'read_between_chunks')]).toEqual([1, 2]);
  });
});

describe("an object with a next that is no iterator's", () => {
  /** Like MongoDB's: `next` answers a document or null. */
  class Cursor {
    readonly #rows = [{ a: 1 }, { a: 2 }];
    async next(): Promise<{ a: number } | null> {
      return this.#rows.shift() ?? null;
    }
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const row = await this.next();
        if (row === null) return;
        yield row;
      }
    }
    async toArray(): Promise<object[]> {
      const rows: object[] = [];
      for await (const row of this) rows.push(row);
      return rows;
    }
  }

  it('is timed by its iteration, and its next is its own: a cursor', async () => {
    const { monitor } = monitorWorld();
    expect(await monitor.time('read', () => new Cursor()).toArray()).toEqual([{ a: 1 }, { a: 2 }]);
    expect([count(monitor, 'read'), count(monitor, 'read_between_chunks')]).toEqual([1, 1]);
    const peeked = monitor.time('read', () => new Cursor());
    await peeked.next();
    for await (const _ of peeked);
    expect([count(monitor, 'read'), monitor.reader.inFlight('read')]).toEqual([2, 0]);
    const cursor = monitor.time('read', () => Object.assign(new Cursor(), { return: () => 'given back' }));
    expect([await cursor.next(), cursor.return()]).toEqual([{ a: 1 }, 'given back']);
  });

  it('is timed to its coming where it is a page of a listing, which is whole', async () => {
    const { monitor } = monitorWorld();
    const page = { data: [1], getNextPage: async () => page, [Symbol.asyncIterator]: async function* () {} };
    expect((await monitor.time('list', async () => page)).data).toEqual([1]);
    expect([count(monitor, 'list', { ended: '' }), monitor.reader.inFlight('list')]).toEqual([1, 0]);
  });

  it('may have a text there', async () => {
    const { monitor } = monitorWorld();
    const listing = {
      next: 'page-2',
      async *[Symbol.asyncIterator]() {
        yield 1;
      },
    };
    for await (const _ of monitor.time('list', () => listing));
    expect([count(monitor, 'list'), listing.next]).toEqual([1, 'page-2']);
  });
});

describe('a sync generator', () => {
  it('is timed to its end, or to where it is left', () => {
    const { clock, monitor } = monitorWorld();
    const count3 = monitorPerformance(
      monitor,
      'read',
    )(function* () {
      for (const value of [1, 2, 3]) {
        clock.advance(10);
        yield value;
      }
    });
    expect([...count3()]).toEqual([1, 2, 3]);
    expect(monitor.getMetricStats('read')).toMatchObject({ count: 1, max: 30 });
    for (const _ of count3()) break;
    expect(monitor.getMetricStats('read')).toMatchObject({ count: 2, min: 10 });
    // Its values are no chunks of a stream.
    expect([count(monitor, 'read_first_chunk'), monitor.reader.inFlight('read')]).toEqual([0, 0]);
  });

  it('that fails is counted under the error', () => {
    const { monitor } = monitorWorld();
    // biome-ignore lint/correctness/useYield: it fails before
    const failing = monitor.time('read', function* () {
      throw new RangeError('no');
    });
    expect(() => [...failing]).toThrow('no');
    expect(count(monitor, 'read', { error: 'RangeError' })).toBe(1);
  });
});
