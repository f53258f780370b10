import { EventEmitter } from 'node:events';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { flushMicrotasks, type ManualClock } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';
import { readingState } from './reading-state.js';

describe('a stream of Node', () => {
  /** Three chunks, 10 ms apart. */
  const chunks = (clock: ManualClock) =>
    Readable.from(
      (async function* () {
        for (let i = 0; i < 3; i++) {
          clock.advance(10);
          yield 'x';
        }
      })(),
    );
  const readings: Record<string, (stream: Readable) => Promise<unknown>> = {
    "on('data')": (stream) => finished(stream.on('data', () => {})),
    'read()': (stream) =>
      finished(
        stream.on('readable', () => {
          while (stream.read() !== null);
        }),
      ),
    'pipe()': (stream) => finished(stream.pipe(new PassThrough()).resume()),
    'pipeline()': (stream) => pipeline(stream, new PassThrough().resume()),
    'toArray()': (stream) => stream.toArray(),
    'map()': (stream) => stream.map((chunk) => chunk).toArray(),
    'iterator()': async (stream) => {
      for await (const _ of stream.iterator());
    },
  };

  it.each(Object.keys(readings))('is timed to its end by %s', async (way) => {
    const { clock, monitor } = monitorWorld();
    await readings[way]!(monitor.time('read', () => chunks(clock)));
    await flushMicrotasks();
    expect(readingState(monitor)).toMatchObject({ inFlight: 0, count: 1, ms: 30 });
  });

  it('read by a loop has the times of its chunks too', async () => {
    const { clock, monitor } = monitorWorld();
    for await (const _ of monitor.time('read', () => chunks(clock)));
    expect(readingState(monitor)).toEqual({ inFlight: 0, count: 1, ms: 30, chunks: 1, gaps: 2 });
  });

  it('is not read by us, keeps its own listeners alone, and has none of ours when it is over', async () => {
    const { clock, monitor } = monitorWorld();
    const stream = monitor.time('read', () => chunks(clock));
    await flushMicrotasks();
    expect([stream.readableFlowing, stream.listenerCount('data'), stream.listenerCount('error')]).toEqual([null, 0, 0]);
    const bare = chunks(clock);
    for (const each of [stream, bare]) await finished(each.resume());
    for (const event of ['end', 'close', 'error', EventEmitter.errorMonitor]) {
      expect(stream.listenerCount(event)).toBe(bare.listenerCount(event));
    }
    expect(Reflect.ownKeys(stream)).toEqual(Reflect.ownKeys(bare));
  });

  it('that fails is counted under the error, which is as unhandled as before', async () => {
    const { monitor } = monitorWorld();
    const stream = monitor.time('read', () => new PassThrough());
    expect(() => stream.emit('error', new RangeError('no'))).toThrow('no');
    expect(monitor.getMetricStats('read', { labels: { error: 'RangeError' } })?.count).toBe(1);
  });

  it('that is destroyed, or a socket that closes, ends there', async () => {
    const { clock, monitor } = monitorWorld();
    const stream = monitor.time('read', () => chunks(clock));
    const socket = monitor.time('read', () => new Duplex({ read() {}, write() {} }));
    expect(readingState(monitor).inFlight).toBe(2);
    clock.advance(5);
    stream.destroy();
    socket.destroy();
    await flushMicrotasks();
    expect(readingState(monitor)).toMatchObject({ inFlight: 0, count: 2, ms: 5 });
  });

  it('that is over already ends at once', async () => {
    const { clock, monitor } = monitorWorld();
    const stream = chunks(clock);
    await stream.toArray();
    monitor.time('read', () => stream);
    expect(readingState(monitor)).toMatchObject({ inFlight: 0, count: 1, ms: 0 });
  });
});
