import { describe, expect, it, vi } from 'vitest';
import { DeadlineError, DeadlineQueue } from '../../src/core/deadline.js';
import { HotpathError, InvalidOptionError } from '../../src/core/errors.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { SeededRandom, seedOf } from '../random.js';

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const late = (): Error => new DeadlineError('the read', 100);

describe('within', () => {
  it('gives the outcome that comes in time', async () => {
    const clock = new ManualClock();
    const queue = new DeadlineQueue(clock, 100);
    const good = deferred<number>();
    const bad = deferred<number>();
    const results = Promise.allSettled([queue.within(good.promise, late), queue.within(bad.promise, late)]);
    clock.advance(99);
    good.resolve(1);
    bad.reject(new Error('its own'));
    await flushMicrotasks();
    clock.advance(1_000);
    expect(await results).toMatchObject([{ value: 1 }, { reason: { message: 'its own' } }]);
  });

  it('rejects at the deadline, and drops what comes later in silence', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const clock = new ManualClock();
      const queue = new DeadlineQueue(clock, 100);
      const [good, bad] = [deferred<number>(), deferred<number>()];
      const results = Promise.allSettled([queue.within(good.promise, late), queue.within(bad.promise, late)]);
      clock.advance(99);
      const after = deferred<number>();
      const inTime = queue.within(after.promise, late);
      clock.advance(1);
      good.resolve(1);
      bad.reject(new Error('too late'));
      after.resolve(3);
      const error = { name: 'DeadlineError', code: 'DEADLINE', operation: 'the read', deadlineMs: 100 };
      expect(await results).toMatchObject([{ reason: error }, { reason: error }]);
      expect(await inTime).toBe(3);
      await flushMicrotasks();
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  it('makes no error for what is in time', async () => {
    const clock = new ManualClock();
    const queue = new DeadlineQueue(clock, 100);
    const onLate = vi.fn(late);
    await queue.within(Promise.resolve(1), onLate);
    clock.advance(1_000);
    expect(onLate).not.toHaveBeenCalled();
  });

  it('with no end gives back the promise itself', () => {
    const clock = new ManualClock();
    const promise = new Promise(() => {});
    expect(new DeadlineQueue(clock, Number.POSITIVE_INFINITY).within(promise, late)).toBe(promise);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the one timer', () => {
  it('serves any number of deadlines, and is gone when it has found none', async () => {
    const clock = new ManualClock();
    const setTimer = vi.spyOn(clock, 'setTimer');
    const queue = new DeadlineQueue(clock, 100);
    for (let i = 0; i < 1_000; i++) await queue.within(Promise.resolve(i), late);
    expect(clock.pendingTimers).toBe(1);
    expect(setTimer).toHaveBeenCalledTimes(1);
    clock.advance(100);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is armed for the oldest that is still pending', () => {
    const clock = new ManualClock();
    const queue = new DeadlineQueue(clock, 100);
    const fired: number[] = [];
    const pending = [0, 30, 60].map((at) => {
      clock.advance(at - (clock.now() - 1_700_000_000_000));
      return queue.begin(() => fired.push(clock.now() - 1_700_000_000_000));
    });
    expect(queue.met(pending[1]!)).toBe(true);
    clock.advance(200);
    expect(fired).toEqual([100, 160]);
    expect(queue.met(pending[0]!)).toBe(false);
    expect(queue.met(pending[1]!)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('holds for a deadline that begins while others fall due', () => {
    const clock = new ManualClock();
    const queue = new DeadlineQueue(clock, 100);
    const fired: string[] = [];
    queue.begin(() => {
      fired.push('first');
      queue.begin(() => fired.push('third'));
    });
    clock.advance(50);
    queue.begin(() => fired.push('second'));
    clock.advance(50);
    clock.advance(50);
    expect(fired).toEqual(['first', 'second']);
    clock.advance(50);
    expect(fired).toEqual(['first', 'second', 'third']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets answers in first when the process itself was held up', () => {
    /** A clock whose timers run late, as after a long computation. */
    class LateClock extends ManualClock {
      lag = 0;
      override now(): number {
        return super.now() + this.lag;
      }
    }
    const clock = new LateClock();
    const queue = new DeadlineQueue(clock, 100);
    const fired: string[] = [];
    const answered = queue.begin(() => fired.push('answered'));
    queue.begin(() => fired.push('lost'));
    clock.lag = 500;
    // What the event loop does in the turn that the queue gives it: it reads the answer that had arrived.
    const { setTimer } = clock;
    clock.setTimer = (fn, ms) => {
      expect(ms).toBe(0);
      expect(fired).toEqual([]);
      queue.met(answered);
      clock.setTimer = setTimer;
      return clock.setTimer(fn, ms);
    };
    clock.advance(100);
    expect(fired).toEqual(['lost']);
  });
});

it('holds on to nothing of what is settled', () => {
  const clock = new ManualClock();
  const queue = new DeadlineQueue(clock, 100);
  const hung = queue.begin(() => {});
  const met = queue.begin(() => {});
  const next = queue.begin(() => {});
  queue.met(met);
  expect(met.late).toBeUndefined();
  const other = new DeadlineQueue(clock, 100);
  const [head, last] = [other.begin(() => {}), other.begin(() => {})];
  expect(head.next).toBe(last);
  other.met(head);
  expect(head.next).toBeUndefined();
  clock.advance(100);
  // Work that hangs for ever holds its own deadline, and through it no other.
  for (const each of [hung, met, next]) expect([each.late, each.next]).toEqual([undefined, undefined]);
});

it('fires every deadline that is not met, once, when it falls due', () => {
  const random = new SeededRandom(seedOf('deadline'));
  for (let run = 0; run < 200; run++) {
    const clock = new ManualClock();
    const ms = 1 + random.below(100);
    const queue = new DeadlineQueue(clock, ms);
    const expected: number[] = [];
    const fired: number[] = [];
    const open: { due: number; deadline: ReturnType<DeadlineQueue['begin']> }[] = [];
    for (let step = 0; step < 100; step++) {
      clock.advance(random.below(20));
      for (const { due } of open.filter((each) => each.due <= clock.now())) expected.push(due);
      open.splice(0, open.length, ...open.filter((each) => each.due > clock.now()));
      expect(fired).toEqual(expected);
      if (random.chance(0.6)) {
        const deadline = queue.begin(() => fired.push(clock.now()));
        open.push({ due: clock.now() + ms, deadline });
      }
      if (open.length > 0 && random.chance(0.4)) {
        const [met] = open.splice(random.below(open.length), 1);
        expect(queue.met(met!.deadline)).toBe(true);
      }
      expect(clock.pendingTimers).toBeLessThanOrEqual(1);
    }
    clock.advance(ms);
    clock.advance(ms);
    expect(clock.pendingTimers).toBe(0);
  }
});

it('names the operation and the time, and is known as ours', () => {
  const error = new DeadlineError('GET of "k"', 150);
  expect(error.message).toBe('GET of "k" did not answer within 150 ms');
  expect(HotpathError.is(error)).toBe(true);
  for (const ms of [0, -1, Number.NaN])
    expect(() => new DeadlineQueue(new ManualClock(), ms)).toThrow(InvalidOptionError);
});
