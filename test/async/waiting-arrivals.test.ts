import { describe, expect, it } from 'vitest';
import { WaitingQueue } from '../../src/async/waiting-queue.js';
import { WaitingCall } from './waiting-call.js';

describe('the order in which calls came', () => {
  for (const [policy, expected] of [
    ['drop-oldest', [997, 998, 999]],
    ['drop-lowest', [999, 998, 997]],
  ] as const) {
    it(`is right after many have left by themselves (${policy})`, () => {
      const dropped: unknown[] = [];
      const onDrop = (call: unknown) => dropped.push((call as WaitingCall).id);
      const queue = new WaitingQueue({ max: 3, policy, ageingMs: 10_000, onDrop });
      const calls = Array.from({ length: 1_000 }, (_, id) => new WaitingCall(id));
      for (const [at, call] of calls.entries()) {
        if (at >= 3) queue.remove(calls[at - 3]!);
        queue.push(call, 0);
      }
      for (let id = 0; id < 3; id++) queue.push(new WaitingCall('new', { priority: 1 }), 1);
      expect(dropped).toEqual(expected);
    });
  }

  it('is that of the last arrival of a call that came back', () => {
    const dropped: unknown[] = [];
    const onDrop = (call: unknown) => dropped.push((call as WaitingCall).id);
    const queue = new WaitingQueue({ max: 2, policy: 'drop-oldest', ageingMs: 10_000, onDrop });
    const back = new WaitingCall('back');
    queue.push(new WaitingCall('stays'), 0);
    for (let times = 0; times < 500; times++) {
      queue.push(back, 0);
      queue.remove(back);
    }
    queue.push(back, 0);
    for (const id of ['one', 'two']) queue.push(new WaitingCall(id), 1);
    expect(dropped).toEqual(['stays', 'back']);
  });
});
