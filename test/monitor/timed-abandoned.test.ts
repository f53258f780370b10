import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { flushMicrotasks } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';
import { Query, SdkPromise } from './thenable-doubles.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Collects garbage until something is true of it, or never will be. */
async function collected(isTrue: () => boolean): Promise<boolean> {
  for (let round = 0; round < 50 && !isTrue(); round++) {
    collectGarbage();
    for (let i = 0; i < 5; i++) await flushMicrotasks();
  }
  return isTrue();
}

/** Answers that nobody reads or awaits. */
const unread: Record<string, () => unknown> = {
  'an async generator': async function* () {
    yield 1;
  },
  'a sync generator': function* () {
    yield 1;
  },
  'a stream of the web': () => new ReadableStream(),
  'a query that is not run': () => new Query(),
  "a model client's promise": () => new SdkPromise(Promise.resolve(1)),
  'a promise with a method': () => Object.assign(Promise.resolve(1), { kill() {} }),
};

const abandoned = (monitor: PerformanceMonitor): number =>
  // Apart from the requests that were answered, whose figures they would spoil.
  monitor.getMetricStats('t_abandoned')?.count ?? 0;

it.each(Object.keys(unread))('%s that nobody reads ends as abandoned when it is collected', async (kind) => {
  const { monitor } = monitorWorld();
  for (let call = 0; call < 10; call++) void monitor.time('t', unread[kind]!);
  expect(await collected(() => abandoned(monitor) === 10)).toBe(true);
  expect(monitor.reader.inFlight('t')).toBe(0);
  expect(monitor.getMetricStats('t', { labels: { ended: '' } })).toBeNull();
});

it('an argument that is the answer is not held, nor a labels callback asked for it', async () => {
  const { monitor, errors } = monitorWorld();
  const labels = ([answer]: [Query]) => ({ kind: answer.constructor.name });
  const same = monitorPerformance(monitor, 't', labels)((query: Query) => query);
  for (let call = 0; call < 10; call++) same(new Query());
  expect(await collected(() => abandoned(monitor) === 10)).toBe(true);
  expect(errors).toEqual([]);
});

it('what is still read is not abandoned, though only its reader is held', async () => {
  const { monitor } = monitorWorld();
  let next!: (value: number) => void;
  const iterators = [
    monitor
      .time('t', () => ({
        async *[Symbol.asyncIterator]() {
          yield await new Promise<number>((resolve) => {
            next = resolve;
          });
        },
      }))
      [Symbol.asyncIterator](),
    monitor.time('t', () => new ReadableStream({ start: (controller) => controller.enqueue(1) })).getReader(),
  ] as const;
  const step = iterators[0].next();
  let respond!: (value: number) => void;
  const response = new Promise<number>((resolve) => {
    respond = resolve;
  });
  const outcome = monitor.time('t', () => new SdkPromise(response)).then((value) => value + 1);
  // Others are collected, so these would have been.
  for (let call = 0; call < 10; call++) void monitor.time('t', unread['an async generator']!);
  expect(await collected(() => abandoned(monitor) >= 10)).toBe(true);
  expect([abandoned(monitor), monitor.reader.inFlight('t')]).toEqual([10, 3]);
  next(1);
  respond(1);
  expect(await outcome).toBe(2);
  expect([(await step).value, (await iterators[1].read()).value]).toEqual([1, 1]);
  expect(monitor.reader.inFlight('t')).toBe(2);
});

it('what is read to its end is counted once, collected or not', async () => {
  const { monitor } = monitorWorld();
  await (async () => {
    for await (const _ of monitor.time('t', unread['an async generator']!) as AsyncIterable<number>);
    await (monitor.time('t', unread['a query that is not run']!) as Query);
  })();
  void monitor.time('t', unread['an async generator']!);
  expect(await collected(() => abandoned(monitor) === 1)).toBe(true);
  expect(monitor.getMetricStats('t')?.count).toBe(2);
});

it('an answer that lives on is not held ready for it once it is read', async () => {
  const { monitor } = monitorWorld();
  const register = vi.spyOn(FinalizationRegistry.prototype, 'register');
  const unregister = vi.spyOn(FinalizationRegistry.prototype, 'unregister');
  try {
    const shared = { async *[Symbol.asyncIterator]() {} };
    for (let call = 0; call < 5; call++) for await (const _ of monitor.time('t', () => shared));
    expect(register.mock.calls.map(([, , token]) => token)).toHaveLength(5);
    expect(unregister.mock.calls.map(([token]) => token)).toEqual(register.mock.calls.map(([, , token]) => token));
  } finally {
    vi.restoreAllMocks();
  }
});
