import { describe, expect, it } from 'vitest';
import type { AlertMessage } from '../../src/monitor/alerts/alert-event.js';
import { flushMicrotasks } from '../manual-clock.js';
import { alertWorld, deliveryTo, messageOf } from './alert-world.js';

/** A sink whose attempts are ended by the test, in the order of their beginning. */
class HeldSink {
  readonly name = 'held';
  readonly begun: { message: AlertMessage; signal: AbortSignal }[] = [];
  readonly #ends: { resolve: () => void; reject: (error: Error) => void }[] = [];

  send(message: AlertMessage, signal: AbortSignal): Promise<void> {
    this.begun.push({ message, signal });
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));
  }

  async end(error?: Error): Promise<void> {
    const next = this.#ends.shift()!;
    if (error) next.reject(error);
    else next.resolve();
    await flushMicrotasks();
  }
}

const incidents = (sink: HeldSink): string[] => sink.begun.map(({ message }) => message.incident);

describe('a message', () => {
  it('is sent after the call that brings it, and the next one after it has been taken', async () => {
    const sink = new HeldSink();
    const { delivery } = deliveryTo(sink);
    for (let i = 1; i <= 3; i++) delivery.push(messageOf(i));
    expect(sink.begun).toEqual([]);
    await flushMicrotasks();
    expect(incidents(sink)).toEqual(['incident-1']);
    await sink.end();
    expect(incidents(sink)).toEqual(['incident-1', 'incident-2']);
    await sink.end();
    await sink.end();
    expect(delivery.stats()).toEqual({ name: 'held', queued: 0, delivered: 3, failed: 0, dropped: 0 });
    delivery.push(messageOf(4));
    await flushMicrotasks();
    expect(incidents(sink).at(-1)).toBe('incident-4');
  });

  it('is tried three times, a second and five seconds apart, then given up with a report', async () => {
    const tries: number[] = [];
    const { delivery, clock, troubles, seconds } = deliveryTo(function pager() {
      tries.push(seconds());
      throw new Error('no line');
    });
    delivery.push(messageOf(1));
    delivery.push(messageOf(2));
    await flushMicrotasks();
    for (let i = 0; i < 200; i++) await clock.advanceAsync(100);
    expect(tries).toEqual([0, 1, 6, 6, 7, 12]);
    expect(troubles).toEqual(['alert sink "pager": no line', 'alert sink "pager": no line']);
    expect(delivery.stats()).toEqual({ name: 'pager', queued: 0, delivered: 0, failed: 2, dropped: 0 });
  });

  it('that succeeds later on is delivered, and nothing is reported', async () => {
    let tries = 0;
    const { delivery, clock, troubles } = deliveryTo(async () => {
      if (++tries < 3) throw new Error('not yet');
    });
    delivery.push(messageOf(1));
    for (let i = 0; i < 10; i++) await clock.advanceAsync(1_000);
    expect(tries).toBe(3);
    expect(troubles).toEqual([]);
    expect(delivery.stats()).toMatchObject({ delivered: 1, failed: 0, queued: 0 });
  });

  it.each([
    ['10 s, where the sink says nothing else', undefined, 10_000],
    ['what the sink says', '2s' as const, 2_000],
  ])('that hangs is aborted after %s', async (_what, timeout, ms) => {
    const sink = new HeldSink();
    const { delivery, clock, troubles } = deliveryTo({
      name: 'hangs',
      ...(timeout && { timeout }),
      send: (message, signal) => sink.send(message, signal),
    });
    delivery.push(messageOf(1));
    await clock.advanceAsync(0);
    await clock.advanceAsync(ms - 1);
    expect(sink.begun[0]!.signal.aborted).toBe(false);
    await clock.advanceAsync(1);
    expect(sink.begun[0]!.signal.reason).toMatchObject({ code: 'DEADLINE' });
    expect(delivery.stats()).toMatchObject({ queued: 1, failed: 0 });
    for (const pause of [1_000, ms, 5_000, ms]) await clock.advanceAsync(pause);
    expect(sink.begun).toHaveLength(3);
    expect(sink.begun.every(({ signal }) => signal.aborted)).toBe(true);
    expect(troubles).toEqual([`alert sink "hangs": send did not answer within ${ms} ms`]);
    expect(delivery.stats()).toMatchObject({ queued: 0, failed: 1 });
    // An answer that comes after all changes nothing.
    await sink.end();
    await sink.end(new Error('late'));
    expect(delivery.stats()).toMatchObject({ delivered: 0, failed: 1 });
    expect(troubles).toHaveLength(1);
  });

  it('leaves no signal aborted that was heeded in time', async () => {
    const sink = new HeldSink();
    const { delivery, clock } = deliveryTo(sink);
    delivery.push(messageOf(1));
    await flushMicrotasks();
    await sink.end();
    await clock.advanceAsync(60_000);
    expect(sink.begun[0]!.signal.aborted).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a queue', () => {
  it('holds 100 messages, then drops the oldest that waits, counted and reported', async () => {
    const sink = new HeldSink();
    const { delivery, troubles } = deliveryTo(sink);
    delivery.push(messageOf(1));
    await flushMicrotasks();
    for (let i = 2; i <= 103; i++) delivery.push(messageOf(i));
    expect(delivery.stats()).toMatchObject({ queued: 100, dropped: 3 });
    expect(troubles).toEqual(
      Array(3).fill('alert sink "held": a message was dropped because 100 others waited already'),
    );
    for (let i = 0; i < 100; i++) await sink.end();
    expect(incidents(sink)).toEqual(['incident-1', ...Array.from({ length: 99 }, (_, i) => `incident-${i + 5}`)]);
    expect(delivery.stats()).toMatchObject({ queued: 0, delivered: 100, dropped: 3 });
  });

  it('takes a repeat only when nothing about its incident waits', async () => {
    const sink = new HeldSink();
    const { delivery } = deliveryTo(sink);
    delivery.push(messageOf(1));
    delivery.push(messageOf(1, { repeated: 1 }));
    await flushMicrotasks();
    delivery.push(messageOf(1, { repeated: 2 }));
    delivery.push(messageOf(2, { repeated: 1 }));
    delivery.push(messageOf(1, { state: 'resolved' }));
    for (let i = 0; i < 3; i++) await sink.end();
    const sent = sink.begun.map(({ message: { incident, state, repeated } }) => [incident, state, repeated]);
    expect(sent).toEqual([
      ['incident-1', 'firing', undefined],
      ['incident-2', 'firing', 1],
      ['incident-1', 'resolved', undefined],
    ]);
    delivery.push(messageOf(1, { repeated: 3 }));
    await flushMicrotasks();
    expect(sink.begun).toHaveLength(4);
  });
});

describe('closing', () => {
  it('delivers what waits', async () => {
    const sink = new HeldSink();
    const { delivery, clock, troubles } = deliveryTo(sink);
    for (let i = 1; i <= 3; i++) delivery.push(messageOf(i));
    let closed = false;
    const closing = delivery.close().then(() => {
      closed = true;
    });
    await flushMicrotasks();
    await sink.end();
    await clock.advanceAsync(1_999);
    await sink.end();
    expect(closed).toBe(false);
    await sink.end();
    await closing;
    expect(troubles).toEqual([]);
    expect(delivery.stats()).toMatchObject({ delivered: 3, queued: 0, dropped: 0 });
  });

  it('aborts after 2 s what is not delivered then, counts and reports it', async () => {
    const sink = new HeldSink();
    const { delivery, clock, troubles } = deliveryTo(sink);
    for (let i = 1; i <= 3; i++) delivery.push(messageOf(i));
    const closing = delivery.close();
    await flushMicrotasks();
    await sink.end();
    await clock.advanceAsync(2_000);
    await closing;
    expect(sink.begun).toHaveLength(2);
    expect(sink.begun[1]!.signal.reason).toMatchObject({ code: 'CLOSED' });
    expect(troubles).toEqual([
      'alert sink "held": 2 messages were dropped because the monitor was closed before they were delivered',
    ]);
    expect(delivery.stats()).toMatchObject({ delivered: 1, queued: 0, dropped: 2 });
  });

  it('tries at once what waits for its next attempt', async () => {
    let works = false;
    let tries = 0;
    const { delivery, clock } = deliveryTo(() => {
      tries++;
      if (!works) throw new Error('not yet');
    });
    delivery.push(messageOf(1));
    await clock.advanceAsync(0);
    await clock.advanceAsync(1_000);
    expect(tries).toBe(2);
    works = true;
    await delivery.close();
    expect(delivery.stats()).toMatchObject({ delivered: 1 });
    await clock.advanceAsync(10_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not outlast its 2 s by attempts and pauses', async () => {
    let tries = 0;
    const { delivery, clock, troubles } = deliveryTo(() => {
      tries++;
      throw new Error('down');
    });
    for (let i = 1; i <= 3; i++) delivery.push(messageOf(i));
    await clock.advanceAsync(0);
    const closing = delivery.close();
    await flushMicrotasks();
    for (let i = 0; i < 20; i++) await clock.advanceAsync(100);
    await closing;
    expect(tries).toBe(2);
    expect(troubles).toEqual([expect.stringMatching(/3 messages were dropped because the monitor was closed/)]);
  });

  it('takes nothing more, and says so', async () => {
    const sink = new HeldSink();
    const { delivery, troubles } = deliveryTo(sink);
    await delivery.close();
    delivery.push(messageOf(1));
    await flushMicrotasks();
    expect(sink.begun).toEqual([]);
    expect(delivery.stats()).toMatchObject({ queued: 0, dropped: 1 });
    expect(troubles).toEqual(['alert sink "held": a message was dropped because the monitor is closed']);
  });

  it('of the book waits for all sinks side by side, ends all looking, and happens once', async () => {
    const slow = new HeldSink();
    const taken: string[] = [];
    const { book, clock, look, told } = alertWorld([
      slow,
      () => new Promise(() => {}),
      ({ state }) => void taken.push(state),
    ]);
    book.add({ name: 'slow', metric: 'ask', when: { above: 1 } });
    look(2);
    const closing = book.close();
    expect(book.close()).toBe(closing);
    await flushMicrotasks();
    await slow.end();
    await clock.advanceAsync(2_000);
    await closing;
    expect(taken).toEqual(['firing']);
    expect(book.deliveries().map(({ delivered, dropped }) => [delivered, dropped])).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    // What fires may go on after the process: nothing is resolved by ending.
    look(1);
    expect(told).toEqual(['1s alert slow']);
    expect(book.status()).toMatchObject([{ state: 'firing' }]);
  });
});
