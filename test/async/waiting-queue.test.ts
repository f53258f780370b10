import { describe, expect, it } from 'vitest';
import { QueueFullError } from '../../src/async/errors.js';
import type { Waiter } from '../../src/async/waiter.js';
import { WaitingQueue, type WaitingQueueOptions } from '../../src/async/waiting-queue.js';
import { WaitingCall } from './waiting-call.js';

const SLOTS = 1_000;

function queueOf(options: Partial<WaitingQueueOptions> = {}): WaitingQueue {
  return new WaitingQueue({ max: Number.POSITIVE_INFINITY, policy: 'reject', ageingMs: 10_000, ...options });
}

/** Takes out whose turn it is. */
function take(queue: WaitingQueue, now = 0): string | number | undefined {
  const next = queue.peek(now, SLOTS, SLOTS, false) as WaitingCall | undefined;
  if (next === undefined) return undefined;
  queue.remove(next);
  return next.id;
}

function takeAll(queue: WaitingQueue, now = 0): (string | number)[] {
  const ids: (string | number)[] = [];
  for (let id = take(queue, now); id !== undefined; id = take(queue, now)) ids.push(id);
  return ids;
}

function pushAll(queue: WaitingQueue, ...calls: WaitingCall[]): void {
  for (const call of calls) queue.push(call, call.since);
}

describe('order of waiting calls', () => {
  it('is that of their arrival', () => {
    const queue = queueOf();
    pushAll(queue, new WaitingCall(1), new WaitingCall(2), new WaitingCall(3));
    expect(queue.size).toBe(3);
    expect(takeAll(queue)).toEqual([1, 2, 3]);
    expect(queue.size).toBe(0);
  });

  it('puts higher priorities first, whatever numbers they are', () => {
    const queue = queueOf();
    pushAll(
      queue,
      new WaitingCall('low', { priority: -1.5 }),
      new WaitingCall('usual'),
      new WaitingCall('high', { priority: 1e9 }),
      new WaitingCall('usual too'),
    );
    expect(takeAll(queue)).toEqual(['high', 'usual', 'usual too', 'low']);
  });

  it('serves whoever comes after the queue was empty, of whatever priority', () => {
    const queue = queueOf();
    for (const priority of [0, 5, -5, 5]) {
      pushAll(queue, new WaitingCall(priority, { priority }));
      expect(take(queue)).toBe(priority);
      expect(take(queue)).toBeUndefined();
    }
  });

  it('lets anyone leave, and nothing happens when he leaves twice', () => {
    const queue = queueOf();
    const calls = [0, 1, 2, 3].map((id) => new WaitingCall(id));
    pushAll(queue, ...calls);
    for (const id of [1, 3, 1]) queue.remove(calls[id]!);
    expect(queue.size).toBe(2);
    expect(calls[1]!.isWaiting).toBe(false);
    expect(takeAll(queue)).toEqual([0, 2]);
  });

  it('takes a call back that had left', () => {
    const queue = queueOf();
    const call = new WaitingCall('again');
    pushAll(queue, call, new WaitingCall('other'));
    expect(take(queue)).toBe('again');
    pushAll(queue, call);
    expect(takeAll(queue)).toEqual(['other', 'again']);
  });

  it('looks without taking', () => {
    const queue = queueOf();
    pushAll(queue, new WaitingCall(1));
    const first = queue.peek(0, 1, 8, false);
    expect(queue.peek(0, 1, 8, true)).toBe(first);
    expect(queue.size).toBe(1);
  });
});

describe('ageing', () => {
  const low = new WaitingCall('low', { priority: 1, since: 0 });

  it('raises a call by one of the priorities that wait for each time it has waited', () => {
    for (const [now, first] of [
      [19_999, 'high'],
      [20_000, 'low'],
    ] as const) {
      const queue = queueOf();
      pushAll(queue, low);
      pushAll(queue, new WaitingCall('middle', { priority: 50, since: 19_000 }));
      pushAll(queue, new WaitingCall('high', { priority: 100, since: 19_500 }));
      expect(take(queue, now)).toBe(first);
      queue.drainAll(new Error('end'));
    }
  });

  it('never raises it above calls of the highest priority that have waited longer', () => {
    const queue = queueOf();
    pushAll(queue, new WaitingCall('high', { priority: 2, since: 0 }));
    pushAll(queue, new WaitingCall('low', { priority: 1, since: 1 }));
    expect(takeAll(queue, 1_000_000)).toEqual(['high', 'low']);
  });

  it('lets no call wait for ever behind an endless flow of higher ones', () => {
    const queue = queueOf();
    pushAll(queue, new WaitingCall('low', { since: 0 }));
    let served: number | undefined;
    for (let now = 0; now < 20_000 && served === undefined; now += 100) {
      pushAll(queue, new WaitingCall('high', { priority: 1, since: now }));
      if (take(queue, now) === 'low') served = now;
    }
    expect(served).toBe(10_000);
  });

  it('can be off', () => {
    const queue = queueOf({ ageingMs: Number.POSITIVE_INFINITY });
    pushAll(queue, new WaitingCall('low', { since: 0 }), new WaitingCall('high', { priority: 1, since: 1e12 }));
    expect(takeAll(queue, 1e12)).toEqual(['high', 'low']);
  });

  it('bears a clock that was set back', () => {
    const queue = queueOf();
    pushAll(queue, new WaitingCall('low', { since: 1e12 }), new WaitingCall('high', { priority: 1, since: 0 }));
    expect(takeAll(queue, 5)).toEqual(['high', 'low']);
  });
});

describe('a full queue', () => {
  function full(policy: WaitingQueueOptions['policy'], ...calls: WaitingCall[]) {
    const drops: unknown[] = [];
    const onDrop = (waiter: Waiter, why: string, now: number) =>
      drops.push([(waiter as WaitingCall).id, why, now, (waiter as WaitingCall).refusal instanceof QueueFullError]);
    const queue = queueOf({ max: calls.length, policy, onDrop });
    pushAll(queue, ...calls);
    return { queue, drops };
  }

  it("refuses the new one with policy 'reject'", () => {
    const { queue, drops } = full('reject', new WaitingCall(1), new WaitingCall(2));
    expect(queue.push(new WaitingCall(3, { priority: 9 }), 7)).toBe(false);
    expect(drops).toEqual([[3, 'full', 7, true]]);
    expect(takeAll(queue)).toEqual([1, 2]);
  });

  it("refuses the one that came first with policy 'drop-oldest', whatever its priority", () => {
    const { queue, drops } = full('drop-oldest', new WaitingCall(1, { priority: 5 }), new WaitingCall(2));
    expect(queue.push(new WaitingCall(3, { priority: -9 }), 7)).toBe(true);
    expect(queue.push(new WaitingCall(4), 8)).toBe(true);
    expect(drops).toEqual([
      [1, 'oldest', 7, true],
      [2, 'oldest', 8, true],
    ]);
    expect(takeAll(queue)).toEqual([4, 3]);
  });

  it("refuses the newest of the lowest priority with policy 'drop-lowest'", () => {
    const { queue, drops } = full(
      'drop-lowest',
      new WaitingCall('low 1', { priority: -1 }),
      new WaitingCall('low 2', { priority: -1 }),
      new WaitingCall('high', { priority: 1 }),
    );
    expect(queue.push(new WaitingCall('usual'), 7)).toBe(true);
    expect(drops).toEqual([['low 2', 'lower-priority', 7, true]]);
    expect(takeAll(queue)).toEqual(['high', 'usual', 'low 1']);
  });

  it("refuses the new one with policy 'drop-lowest' when none is lower", () => {
    for (const priority of [0, -3]) {
      const { queue, drops } = full('drop-lowest', new WaitingCall(1), new WaitingCall(2, { priority: 2 }));
      expect(queue.push(new WaitingCall(3, { priority }), 7)).toBe(false);
      expect(drops).toEqual([[3, 'full', 7, true]]);
    }
  });

  it('never refuses calls of batches, and does not count them', () => {
    for (const policy of ['reject', 'drop-oldest', 'drop-lowest'] as const) {
      const drops: unknown[] = [];
      const queue = queueOf({ max: 1, policy, onDrop: (waiter) => drops.push((waiter as WaitingCall).id) });
      pushAll(queue, new WaitingCall('batch 1', { isExempt: true, priority: -9 }), new WaitingCall('first'));
      pushAll(queue, new WaitingCall('batch 2', { isExempt: true, priority: -9 }));
      queue.push(new WaitingCall('second'), 0);
      expect(drops).toEqual([policy === 'drop-oldest' ? 'first' : 'second']);
      expect(queue.size).toBe(3);
    }
  });

  it('refuses every call that has to wait where none may', () => {
    for (const policy of ['reject', 'drop-oldest', 'drop-lowest'] as const) {
      const call = new WaitingCall(1, { priority: 3 });
      expect(queueOf({ max: 0, policy }).push(call, 0)).toBe(false);
      expect(call.refusal).toMatchObject({ code: 'QUEUE_FULL', max: 0 });
    }
  });

  it('has room again when one has left, in any way', () => {
    for (const policy of ['reject', 'drop-oldest', 'drop-lowest'] as const) {
      const queue = queueOf({ max: 2, policy });
      const calls = [0, 1, 2, 3, 4].map((id) => new WaitingCall(id));
      pushAll(queue, calls[0]!, calls[1]!);
      queue.remove(calls[0]!);
      pushAll(queue, calls[2]!);
      take(queue);
      pushAll(queue, calls[3]!);
      expect(calls.filter((call) => call.refusal)).toEqual([]);
      expect(takeAll(queue)).toEqual([2, 3]);
    }
  });

  it('bears that whoever is told of a drop adds a call', () => {
    const queue: WaitingQueue = queueOf({
      max: 1,
      policy: 'drop-oldest',
      onDrop: (waiter) => (waiter as WaitingCall).id === 1 && queue.push(new WaitingCall(3), 0),
    });
    pushAll(queue, new WaitingCall(1), new WaitingCall(2));
    expect(queue.size).toBe(1);
    expect(takeAll(queue)).toEqual([3]);
  });
});

describe('the end of a queue', () => {
  it('refuses everyone, of whatever priority and group', () => {
    const queue = queueOf();
    const calls = ['a', 'b', 'a', 'c'].map((group, id) => new WaitingCall(id, { group, priority: id % 2 }));
    pushAll(queue, ...calls);
    const end = new Error('the end');
    queue.drainAll(end);
    expect(calls.map((call) => call.refusal)).toEqual([end, end, end, end]);
    expect(calls.some((call) => call.isWaiting)).toBe(false);
    expect(queue.size).toBe(0);
    expect(take(queue)).toBeUndefined();
  });
});
