import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingQueue } from '../../src/async/waiting-queue.js';
import { WaitingCall } from './waiting-call.js';
import { WaitingModel } from './waiting-model.js';

const SLOTS = 1_000;
const AGEING_MS = 50;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      priority: fc.constantFrom(0, 0, 0, 1, 2, -1, 0.5),
      group: fc.nat(3),
      isExempt: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), isRateBound: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(40) }) },
);

function check(groups: number) {
  const settings = fc.record({
    max: fc.constantFrom(0, 1, 3, 8, Number.POSITIVE_INFINITY),
    policy: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'drop-lowest' as const),
  });
  return fc.property(settings, fc.array(step, { maxLength: 120, size: 'max' }), ({ max, policy }, steps) => {
    const queue = new WaitingQueue({ max, policy, ageingMs: AGEING_MS });
    const model = new WaitingModel(max, policy, AGEING_MS, groups > 1);
    const calls: WaitingCall[] = [];
    const running: string[] = [];
    let now = 0;
    // Opens the book of groups before anything else, where there are several.
    for (let group = 0; group < groups; group++) {
      queue.mayEnter(String(group), SLOTS, SLOTS, now);
      model.group(String(group), now);
    }
    expect(queue.hasGroups).toBe(groups > 1);
    for (const one of steps) {
      if (one.kind === 'wait') now += one.ms;
      else if (one.kind === 'push') {
        const { priority, isExempt } = one;
        const call = new WaitingCall(calls.length, {
          priority,
          isExempt,
          group: String(one.group % groups),
          since: now,
        });
        calls.push(call);
        model.push(call, now);
        expect(queue.push(call, now)).toBe(!model.refused.includes(call));
      } else if (one.kind === 'leave' && calls.length > 0) {
        const call = calls[one.at % calls.length]!;
        queue.remove(call);
        model.remove(call);
      } else if (one.kind === 'end' && running.length > 0) {
        const [group] = running.splice(one.at % running.length, 1);
        queue.left(group!, now);
        model.group(group!, now).active--;
      } else if (one.kind === 'take') {
        const call = queue.peek(now, SLOTS, SLOTS, one.isRateBound) as WaitingCall | undefined;
        expect(call?.id).toBe(model.next(now, one.isRateBound)?.id);
        if (call === undefined) continue;
        queue.remove(call);
        model.remove(call);
        queue.entered(call.group, 0, now);
        model.entered(call, now);
        running.push(call.group);
      }
      expect(queue.size).toBe(model.waiting.length);
    }
    expect(calls.filter((call) => call.refusal).map((call) => call.id)).toEqual(
      model.refused.map((call) => call.id).sort((a, b) => Number(a) - Number(b)),
    );
    expect(calls.filter((call) => call.isWaiting)).toEqual(model.waiting);
  });
}

describe('the queue does what a plain list does that is looked through as a whole', () => {
  it('with one group', () => {
    fc.assert(check(1), { numRuns: 200 });
  });

  it('with several groups', () => {
    fc.assert(check(4), { numRuns: 200 });
  });
});

const scarceStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('come' as const), priority: fc.nat(1), group: fc.nat(4) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 31_000, 61_000) }),
  },
);

describe('slots are scarce, groups come, go and are forgotten', () => {
  it('nobody is lost, none overtakes another of its group and priority, and free slots do not stay unused by everyone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(scarceStep, { maxLength: 150, size: 'max' }),
        (limit, steps) => {
          const queue = new WaitingQueue({ max: Number.POSITIVE_INFINITY, policy: 'reject', ageingMs: 10_000 });
          const calls: WaitingCall[] = [];
          const running: WaitingCall[] = [];
          const started: WaitingCall[] = [];
          // Not their number: some leave.
          let come = 0;
          let now = 0;
          const start = (call: WaitingCall): void => {
            running.push(call);
            started.push(call);
            queue.entered(call.group, 0, now);
          };
          const admit = (): void => {
            while (running.length < limit) {
              const call = queue.peek(now, limit - running.length, limit, now % 2 === 1) as WaitingCall | undefined;
              if (call === undefined) break;
              queue.remove(call);
              start(call);
            }
            expect(running.length > 0 || queue.size === 0).toBe(true);
          };
          const end = (at: number): void => {
            const [call] = running.splice(at, 1);
            if (queue.hasGroups) queue.left(call!.group, now);
            admit();
          };
          for (const one of steps) {
            if (one.kind === 'wait') {
              now += one.ms;
              admit();
            } else if (one.kind === 'come') {
              const call = new WaitingCall(come++, {
                priority: one.priority,
                group: String(one.group),
                since: now,
              });
              calls.push(call);
              const free = limit - running.length;
              if (queue.size === 0 && free > 0 && queue.mayEnter(call.group, free, limit, now)) start(call);
              else if (queue.push(call, now)) admit();
            } else if (one.kind === 'end' && running.length > 0) end(one.at % running.length);
            else if (one.kind === 'leave' && calls.length > 0) {
              const [call] = calls.splice(one.at % calls.length, 1);
              if (call!.isWaiting) queue.remove(call!);
              else calls.push(call!);
              admit();
            }
          }
          while (running.length > 0) end(0);
          expect(queue.size).toBe(0);
          expect(started.map((call) => call.id).sort()).toEqual(calls.map((call) => call.id).sort());
          for (const group of ['0', '1', '2', '3', '4']) {
            for (const priority of [0, 1]) {
              const ids = started
                .filter((call) => call.group === group && call.priority === priority)
                .map((call) => Number(call.id));
              expect(ids).toEqual([...ids].sort((a, b) => a - b));
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
