import { describe, expect, it, vi } from 'vitest';
import { type Deadline, DeadlineHeap } from '../../src/async/deadline-heap.js';
import { systemClock } from '../../src/core/clock.js';
import { ManualClock } from '../manual-clock.js';
import { SeededRandom, seedOf } from '../random.js';

/** Timers that keep this process alive. */
function holding(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** A clock whose time can run on while its timers stand still, as it does when the process is held up. */
class HeldUpClock extends ManualClock {
  heldUpMs = 0;

  override now(): number {
    return super.now() + this.heldUpMs;
  }
}

function setup(clock = new ManualClock()) {
  const ran: string[] = [];
  const heap = new DeadlineHeap(clock);
  const add = (ms: number, name: string): Deadline => heap.add(ms, () => ran.push(name));
  return { clock, heap, ran, add };
}

describe('DeadlineHeap', () => {
  it('runs each once when it falls due, the earlier first', () => {
    const { clock, heap, ran, add } = setup();
    for (const ms of [30, 10, 20, 40]) add(ms, `${ms}`);
    expect(heap.size).toBe(4);
    clock.advance(9);
    expect(ran).toEqual([]);
    clock.advance(1);
    expect(ran).toEqual(['10']);
    clock.advance(20);
    expect(ran).toEqual(['10', '20', '30']);
    expect(heap.size).toBe(1);
    clock.advance(1_000);
    expect(ran).toEqual(['10', '20', '30', '40']);
    expect(heap.size).toBe(0);
  });

  it('runs those that fall due together in the order in which they were added', () => {
    const { clock, ran, add } = setup();
    const names = Array.from({ length: 100 }, (_, i) => `${i}`);
    for (const name of names) add(5, name);
    clock.advance(5);
    expect(ran).toEqual(names);
  });

  it('does not run what is cancelled, and lets go of it', () => {
    const { clock, heap, ran, add } = setup();
    const [first, , third] = [add(10, 'first'), add(20, 'second'), add(30, 'third')];
    heap.cancel(first);
    heap.cancel(third);
    heap.cancel(third);
    expect(heap.size).toBe(1);
    expect(first.fn).toBeUndefined();
    clock.advance(100);
    expect(ran).toEqual(['second']);
  });

  it('takes a cancel after the run for nothing', () => {
    const { clock, heap, ran, add } = setup();
    const done = add(10, 'done');
    add(20, 'later');
    clock.advance(10);
    expect(done.fn).toBeUndefined();
    heap.cancel(done);
    expect(heap.size).toBe(1);
    clock.advance(10);
    expect(ran).toEqual(['done', 'later']);
  });

  it('needs one timer, armed anew only for one that falls due earlier', () => {
    const clock = new ManualClock();
    const setTimer = vi.spyOn(clock, 'setTimer');
    const { heap } = setup(clock);
    const many = Array.from({ length: 1_000 }, () => heap.add(100, () => {}));
    expect(setTimer).toHaveBeenCalledTimes(1);
    many.push(heap.add(50, () => {}));
    expect(setTimer).toHaveBeenCalledTimes(2);
    expect(clock.pendingTimers).toBe(1);
    for (const each of many) heap.cancel(each);
    for (let i = 0; i < 1_000; i++) heap.cancel(heap.add(100, () => {}));
    expect(setTimer).toHaveBeenCalledTimes(2);
    clock.advance(50);
    expect(heap.size).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('looks again when its timer was for one that is cancelled, and no more when nothing is left', () => {
    const { clock, heap, ran, add } = setup();
    const early = add(10, 'early');
    add(25, 'late');
    heap.cancel(early);
    clock.advance(24);
    expect(ran).toEqual([]);
    clock.advance(1);
    expect(ran).toEqual(['late']);
    heap.cancel(add(10, 'never'));
    clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
    add(10, 'again');
    clock.advance(10);
    expect(ran).toEqual(['late', 'again']);
  });

  it('runs nothing within add, and what is due at once with the next timer', () => {
    const { clock, ran, add } = setup();
    for (const ms of [0, -5, Number.NaN, Number.NEGATIVE_INFINITY]) add(ms, `${ms}`);
    expect(ran).toEqual([]);
    clock.advance(0);
    expect(ran).toEqual(['0', '-5', 'NaN', '-Infinity']);
  });

  it('keeps nothing that never falls due', () => {
    const { clock, heap, ran, add } = setup();
    const never = add(Number.POSITIVE_INFINITY, 'never');
    expect(heap.size).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    heap.cancel(never);
    clock.advance(1e12);
    expect(ran).toEqual([]);
  });

  it('runs the others when one throws, and tells of it', () => {
    const clock = new ManualClock();
    const onError = vi.fn();
    const heap = new DeadlineHeap(clock, onError);
    const [before, after] = [vi.fn(), vi.fn()];
    const error = new Error('its own');
    heap.add(5, before);
    heap.add(5, () => {
      throw error;
    });
    heap.add(5, after);
    heap.add(6, after);
    clock.advance(6);
    expect(before).toHaveBeenCalledOnce();
    expect(after).toHaveBeenCalledTimes(2);
    expect(onError).toHaveBeenCalledExactlyOnceWith(error);
    // Without anybody to be told it is dropped.
    const { heap: silent } = setup(clock);
    silent.add(1, () => {
      throw error;
    });
    expect(() => clock.advance(1)).not.toThrow();
  });

  it('lets a function cancel and add others', () => {
    const { clock, heap, ran, add } = setup();
    let second: Deadline;
    heap.add(10, () => {
      heap.cancel(second);
      add(0, 'at once');
      add(5, 'soon');
    });
    second = add(10, 'cancelled');
    add(10, 'third');
    clock.advance(10);
    expect(ran).toEqual(['third', 'at once']);
    clock.advance(5);
    expect(ran).toEqual(['third', 'at once', 'soon']);
  });

  it('gives the event loop back to others before it runs what adds itself again for at once', () => {
    const { clock, heap } = setup();
    let runs = 0;
    const again = (): void => {
      if (++runs < 100) heap.add(0, again);
    };
    heap.add(0, again);
    const setTimer = vi.spyOn(clock, 'setTimer');
    clock.advance(0);
    expect(runs).toBe(100);
    expect(setTimer).toHaveBeenCalledTimes(99);
  });

  it('gives answers one turn of the event loop when the process was held up', () => {
    const clock = new HeldUpClock();
    const { heap, ran, add } = setup(clock);
    const met = add(10, 'met');
    add(10, 'missed');
    clock.heldUpMs = 200;
    // The timer runs, late; nothing counts yet.
    const nextTurn = vi.spyOn(clock, 'setTimer').mockImplementationOnce(() => () => {});
    clock.advance(10);
    expect(ran).toEqual([]);
    expect(nextTurn).toHaveBeenCalledOnce();
    heap.cancel(met);
    const [fn, ms] = nextTurn.mock.calls[0]!;
    expect(ms).toBe(0);
    fn();
    expect(ran).toEqual(['missed']);
  });

  it('does not wait for another turn when it was late by no more than timers are', () => {
    const clock = new HeldUpClock();
    const { ran, add } = setup(clock);
    add(10, 'due');
    clock.heldUpMs = 5;
    const setTimer = vi.spyOn(clock, 'setTimer');
    clock.advance(10);
    expect(ran).toEqual(['due']);
    expect(setTimer).not.toHaveBeenCalled();
  });

  it('keeps the process alive while anything is in it', () => {
    const before = holding();
    const { clock, heap, add } = setup();
    add(Number.POSITIVE_INFINITY, 'never');
    expect(holding()).toBe(before);
    const [first, second] = [add(10, 'first'), add(20, 'second')];
    expect(holding()).toBe(before + 1);
    heap.cancel(first);
    expect(holding()).toBe(before + 1);
    heap.cancel(second);
    expect(holding()).toBe(before);
    add(10, 'third');
    expect(holding()).toBe(before + 1);
    clock.advance(10);
    expect(holding()).toBe(before);
    add(10, 'fourth');
    heap.close();
    expect(holding()).toBe(before);
  });

  it('forgets all when it is closed, and works on afterwards', () => {
    const { clock, heap, ran, add } = setup();
    const first = add(10, 'first');
    add(20, 'second');
    heap.close();
    heap.close();
    heap.cancel(first);
    expect(heap.size).toBe(0);
    expect(first.fn).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(100);
    add(10, 'after');
    clock.advance(10);
    expect(ran).toEqual(['after']);
  });

  it('may be closed by one of its own', () => {
    const { clock, heap, ran, add } = setup();
    heap.add(10, () => heap.close());
    add(10, 'second');
    clock.advance(100);
    expect(ran).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('works on the clock of the process', async () => {
    const heap = new DeadlineHeap(systemClock());
    const ran: number[] = [];
    await new Promise<void>((resolve) => {
      heap.add(6, () => {
        ran.push(6);
        resolve();
      });
      heap.add(1, () => ran.push(1));
    });
    expect(ran).toEqual([1, 6]);
    heap.close();
  });

  it('agrees with a plain list over random work', () => {
    const random = new SeededRandom(seedOf('deadline heap'));
    for (let round = 0; round < 60; round++) {
      const { clock, heap, ran } = setup();
      const live: { due: number; name: string; deadline: Deadline }[] = [];
      const expected: string[] = [];
      const settle = (until: number): void => {
        live.sort((a, b) => a.due - b.due || Number(a.name) - Number(b.name));
        while (live.length > 0 && live[0]!.due <= until) expected.push(live.shift()!.name);
      };
      for (let step = 0; step < 400; step++) {
        if (random.chance(0.5)) {
          const ms = random.below(random.pick([1, 10, 300]));
          const deadline = heap.add(ms, () => ran.push(`${step}`));
          live.push({ due: clock.now() + ms, name: `${step}`, deadline });
        } else if (random.chance(0.7) && live.length > 0) {
          const [gone] = live.splice(random.below(live.length), 1);
          heap.cancel(gone!.deadline);
        } else {
          const ms = random.below(40);
          settle(clock.now() + ms);
          clock.advance(ms);
        }
        expect(heap.size).toBe(live.length);
        expect(clock.pendingTimers).toBeLessThanOrEqual(1);
      }
      settle(Number.POSITIVE_INFINITY);
      clock.advance(1_000);
      expect(ran).toEqual(expected);
    }
  });
});
