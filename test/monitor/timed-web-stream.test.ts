import { describe, expect, it } from 'vitest';
import type { ManualClock } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';
import { readingState } from './reading-state.js';

describe('a stream of the web', () => {
  /** Three chunks, 10 ms apart. */
  const chunks = (clock: ManualClock) => {
    let left = 3;
    return new ReadableStream<string>(
      {
        pull(controller) {
          clock.advance(10);
          if (left-- > 0) controller.enqueue('x');
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  };
  const upper = () => new TransformStream<string, string>(undefined, undefined, { highWaterMark: 0 });
  const all = async (stream: ReadableStream<unknown>) => {
    const reader = stream.getReader();
    while (!(await reader.read()).done);
  };
  const readings: Record<string, (stream: ReadableStream<string>) => Promise<unknown>> = {
    'getReader()': all,
    'one reader after another': async (stream) => {
      const first = stream.getReader();
      await first.read();
      first.releaseLock();
      await all(stream);
    },
    'values()': async (stream) => {
      for await (const _ of stream.values());
    },
    'a loop': async (stream) => {
      for await (const _ of stream);
    },
    'pipeThrough()': (stream) => all(stream.pipeThrough(upper())),
    'tee()': (stream) => Promise.all(stream.tee().map(all)),
  };

  it.each(Object.keys(readings))('is timed to its end and by its chunks by %s', async (way) => {
    const { clock, monitor } = monitorWorld();
    const stream = monitor.time('read', () => chunks(clock));
    await readings[way]!(stream);
    expect(readingState(monitor)).toEqual({ inFlight: 0, count: 1, ms: 40, chunks: 1, gaps: 2 });
    expect(Reflect.ownKeys(stream)).toEqual(Reflect.ownKeys(chunks(clock)));
  });

  it('is timed to its end by pipeTo()', async () => {
    const { clock, monitor } = monitorWorld();
    await monitor.time('read', () => chunks(clock)).pipeTo(new WritableStream());
    expect(readingState(monitor)).toMatchObject({ inFlight: 0, count: 1, ms: 40 });
  });

  it('that is left by cancel(), of its own or of a reader, ends there', async () => {
    const { clock, monitor } = monitorWorld();
    await monitor.time('read', () => chunks(clock)).cancel();
    const reader = monitor.time('read', () => chunks(clock)).getReader();
    await reader.read();
    await reader.cancel();
    const given = monitor.time('read', () => chunks(clock));
    const back = given.getReader();
    await back.read();
    back.releaseLock();
    expect(readingState(monitor)).toMatchObject({ inFlight: 1, count: 2 });
    await given.cancel();
    expect(readingState(monitor)).toMatchObject({ inFlight: 0, count: 3, ms: 10 });
  });

  it('that fails is counted under the error', async () => {
    const { monitor } = monitorWorld();
    const failing = () => new ReadableStream({ pull: () => Promise.reject(new RangeError('no')) });
    await expect(all(monitor.time('read', failing))).rejects.toThrow('no');
    await expect(monitor.time('read', failing).pipeTo(new WritableStream())).rejects.toThrow('no');
    expect(monitor.getMetricStats('read', { labels: { error: 'RangeError' } })?.count).toBe(2);
  });

  it('that is its own iterator, as those of LangChain are, counts each chunk once', async () => {
    const { clock, monitor } = monitorWorld();
    const stream = chunks(clock) as ReadableStream<string> & { next(): Promise<unknown>; return(): Promise<unknown> };
    let reader: ReadableStreamDefaultReader<string> | undefined;
    const iterable = Object.assign(stream, {
      next() {
        reader ??= stream.getReader();
        return reader.read();
      },
      return: async () => ({ done: true, value: await reader?.cancel() }),
      [Symbol.asyncIterator]() {
        return this;
      },
    });
    for await (const _ of monitor.time('read', () => iterable) as AsyncIterable<string>);
    expect(readingState(monitor)).toEqual({ inFlight: 0, count: 1, ms: 40, chunks: 1, gaps: 2 });
  });
});
