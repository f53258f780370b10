import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';
import { readingState } from './reading-state.js';

describe("a model client's stream of events", () => {
  /** The shape of what OpenAI's and Anthropic's `stream()` answer. */
  class EventStream {
    readonly #events = new EventEmitter();
    ended = false;
    errored = false;
    aborted = false;
    on(event: string, listener: () => void): this {
      this.#events.on(event, listener);
      return this;
    }
    off(event: string, listener: () => void): this {
      this.#events.off(event, listener);
      return this;
    }
    emitted(): void {}
    listeners(event: string): number {
      return this.#events.listenerCount(event);
    }
    end(how: { errored?: boolean; aborted?: boolean } = {}): void {
      Object.assign(this, how, { ended: true });
      this.#events.emit('end');
    }
    async *[Symbol.asyncIterator]() {
      yield 1;
      if (this.errored) throw new RangeError('no');
    }
  }

  it('is timed to its end, though nobody iterates over it', async () => {
    const { clock, monitor } = monitorWorld();
    const stream = monitor.time('read', () => new EventStream());
    expect([stream.listeners('end'), stream.listeners('error')]).toEqual([1, 0]);
    clock.advance(9);
    stream.end();
    expect(readingState(monitor)).toMatchObject({ inFlight: 0, count: 1, ms: 9 });
    expect(stream.listeners('end')).toBe(0);
    monitor.time('read', () => stream);
    expect(readingState(monitor).count).toBe(2);
  });

  it('has failed where it says so, under the error that its loop got', async () => {
    const { monitor } = monitorWorld();
    monitor.time('read', () => new EventStream()).end({ errored: true });
    monitor.time('read', () => new EventStream()).end({ errored: true, aborted: true });
    const looped = monitor.time('read', () => new EventStream());
    await expect(async () => {
      for await (const _ of looped) looped.end({ errored: true });
    }).rejects.toThrow('no');
    await flushMicrotasks();
    const errors = monitor.reader.series().filter(({ name }) => name === 'read');
    expect(errors.map(({ labels }) => labels['error'] ?? '').sort()).toEqual(['', 'Error', 'RangeError']);
    expect(readingState(monitor)).toMatchObject({ inFlight: 0, count: 3 });
  });
});
