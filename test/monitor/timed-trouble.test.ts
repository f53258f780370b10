import { describe, expect, it } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import { ManualClock } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';

const boom = (): never => {
  throw new Error('boom');
};
const iterable = (more: object) => Object.assign(more, { async *[Symbol.asyncIterator]() {} });
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const fixed = (key: string): object =>
  Object.defineProperty(iterable({}), key, { value: () => 'own', configurable: false });

/** Answers that make trouble when they are looked at, or can't be changed. */
const hostile: Record<string, () => unknown> = {
  'a then getter that throws': () => Object.defineProperty({}, 'then', { get: boom }),
  'an asyncIterator getter that throws': () => Object.defineProperty({}, Symbol.asyncIterator, { get: boom }),
  'a tag getter that throws': () => Object.defineProperty({}, Symbol.toStringTag, { get: boom }),
  'a getReader getter that throws': () => Object.defineProperty(iterable({}), 'getReader', { get: boom }),
  'a revoked proxy': revoked,
  'a proxy that answers nothing': () => new Proxy({}, { get: boom, has: boom, getPrototypeOf: boom }),
  'a proxy that can not be changed': () => new Proxy(iterable({}), { defineProperty: boom }),
  'a proxy that can not be extended': () => new Proxy(iterable({}), { isExtensible: boom }),
  'a proxy that forgets what is put on it': () =>
    new Proxy(iterable({}), { get: (target, key) => Reflect.get(iterable({}), key, target) }),
  'an iterable whose iterator can not be replaced': () => {
    const asyncIterator = { value: async function* () {}, configurable: false };
    return Object.defineProperty({}, Symbol.asyncIterator, asyncIterator);
  },
  // Found out after `tee` has been replaced.
  'a next getter that throws': () => Object.defineProperty(iterable({ tee() {} }), 'next', { get: boom }),
  'a sealed stream': () => Object.seal(new ReadableStream()),
};

describe('an answer that can not be looked at', () => {
  it.each(Object.keys(hostile))('reaches the caller as it is, and ends its timer: %s', async (kind) => {
    const { monitor } = monitorWorld();
    const answer = hostile[kind]!();
    const { tee } = kind === 'a next getter that throws' ? (answer as { tee: unknown }) : { tee: undefined };
    const ended = (): number => monitor.getMetricStats('t', { labels: { ended: 'unwatched' } })?.count ?? 0;
    const ask = monitorPerformance(monitor, 't', () => ({ a: 1 }))(() => answer);
    // No await: it may be a thenable.
    expect(ask() === answer).toBe(true);
    expect([ended(), monitor.reader.inFlight('t')]).toEqual([1, 0]);
    if (tee) expect((answer as { tee: unknown }).tee).toBe(tee);
  });

  it('is reported where it threw, with the name of the timer', () => {
    const { monitor, errors } = monitorWorld();
    monitor.time('t', hostile['a then getter that throws']!);
    expect(errors).toMatchObject([{ error: { message: 'boom' }, during: "timing 't'" }]);
  });

  it('is no trouble where only a way of reading it can not be replaced', async () => {
    const { monitor, errors } = monitorWorld();
    for (const key of ['pipe', 'tee', 'next', 'return', 'pipeTo']) {
      const stream = monitor.time('t', () => fixed(key)) as AsyncIterable<unknown>;
      for await (const _ of stream);
    }
    expect([monitor.getMetricStats('t', { labels: { ended: '' } })?.count, errors]).toEqual([5, []]);
  });

  it.each(['a getReader getter that throws', 'an asyncIterator getter that throws'])(
    'may come by a promise: %s',
    async (kind) => {
      const { monitor } = monitorWorld();
      const answer = hostile[kind]!();
      expect((await monitor.time('t', async () => answer)) === answer).toBe(true);
      expect(monitor.getMetricStats('t', { labels: { ended: 'unwatched' } })?.count).toBe(1);
    },
  );

  it('may be a step of an iteration', async () => {
    const { monitor } = monitorWorld();
    const done = Object.defineProperty({ value: 1 }, 'done', { get: boom });
    const then = Object.defineProperty({}, 'then', { get: boom });
    for (const [step, result] of [
      [done, done],
      [Promise.resolve(done), done],
      [then, then],
    ]) {
      const steps = monitor.time('t', () => ({ [Symbol.asyncIterator]: () => ({ next: () => step }) }));
      const answer = steps[Symbol.asyncIterator]().next();
      expect((answer instanceof Promise ? await answer : answer) === result).toBe(true);
    }
    expect(monitor.getMetricStats('t', { labels: { ended: 'unwatched' } })?.count).toBe(3);
  });

  it('may be what it is read by', async () => {
    const { monitor } = monitorWorld();
    const iterator = Object.defineProperty({ next: async () => ({ done: true }) }, 'return', { get: boom });
    const looped = monitor.time('t', () => ({ [Symbol.asyncIterator]: () => iterator }) as AsyncIterable<number>);
    for await (const _ of looped);
    const reader = Object.defineProperty({}, 'read', { get: boom });
    const stream = monitor.time('t', () => iterable({ getReader: () => reader })) as unknown as {
      getReader(): unknown;
    };
    expect(stream.getReader()).toBe(reader);
    expect(monitor.getMetricStats('t', { labels: { ended: 'unwatched' } })?.count).toBe(2);
  });

  it('may be thrown', () => {
    const { monitor } = monitorWorld();
    for (const error of [revoked(), new Proxy(new Error('x'), { get: boom }), undefined, null, 0]) {
      let seen: unknown = 'nothing';
      try {
        monitor.time('t', () => {
          throw error;
        });
      } catch (thrown) {
        seen = thrown;
      }
      expect(seen === error).toBe(true);
    }
    expect(monitor.getMetricStats('t', { labels: { error: 'undefined' } })?.count).toBe(1);
    expect([monitor.getMetricStats('t')?.count, monitor.reader.inFlight('t')]).toEqual([5, 0]);
  });
});

describe("a host's own clock that throws", () => {
  it('leaves calls alone, wherever they are', async () => {
    let isBroken = false;
    class Clock extends ManualClock {
      override now(): number {
        return isBroken ? boom() : super.now();
      }
    }
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const { monitor } = monitorWorld({ clock: new Clock(), logger });
    const breaking = <T>(value: T): T => {
      isBroken = true;
      return value;
    };
    const error = new Error("the call's own");
    expect(monitor.time('t', () => breaking(1))).toBe(1);
    expect(monitor.time('t', () => 1)).toBe(1);
    isBroken = false;
    expect(() =>
      monitor.time('t', () => {
        throw breaking(error);
      }),
    ).toThrow(error);
    isBroken = false;
    expect(await monitor.time('t', async () => breaking(2))).toBe(2);
    isBroken = false;
    const stream = monitor.time('stream', async function* () {
      yield 3;
    });
    breaking(stream);
    for await (const value of stream) {
      expect(value).toBe(3);
      isBroken = false;
    }
    expect(monitor.getMetricStats('stream', { labels: { ended: '' } })?.count).toBe(1);
  });
});
