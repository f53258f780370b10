import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type BatchCalling, callHalving, mayBeAnItem, runHalving } from '../../../src/async/batching/halving.js';
import { CallControl } from '../../../src/async/call-control.js';
import {
  BreakerOpenError,
  ProcessorClosedError,
  QueueFullError,
  RateLimitTooSmallError,
  TimeoutError,
} from '../../../src/async/errors.js';
import { permanent } from '../../../src/async/retry/permanent.js';
import { seedOf } from '../../random.js';
import { RecordingCaller } from './recording-caller.js';

let caller: RecordingCaller;
let control: CallControl;
let batches: number[][];

beforeEach(() => {
  caller = new RecordingCaller();
  control = new CallControl(false);
  batches = [];
});

const httpError = (status: number) => Object.assign(new Error(`HTTP ${status}`), { status });

function calling(
  fn: (items: readonly number[]) => unknown,
  more: Partial<BatchCalling<number>> = {},
): BatchCalling<number> {
  return {
    caller,
    fn: (items) => {
      batches.push([...items]);
      return fn(items);
    },
    tokens: undefined,
    details: { priority: 3, group: 'g', timeoutMs: 50, isExempt: true },
    ...more,
  };
}

/** Fails with `error` when one of these is in the batch. */
const poisonedBy =
  (poison: readonly number[], error: unknown = httpError(400)) =>
  (items: readonly number[]) => {
    if (items.some((item) => poison.includes(item))) throw error;
    return items.map((item) => item * 10);
  };

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('a batch that succeeds', () => {
  it('is one call, with the sum of its tokens and the details that were given', async () => {
    const ends = await runHalving(calling(poisonedBy([]), { tokens: (n) => n + 1 }), [0, 1, 2], control);
    expect(ends).toEqual(
      [0, 10, 20].map((value) => ({ status: 'fulfilled', value, attempts: 1, queueMs: 1, runMs: 10 })),
    );
    expect(caller.calls).toEqual([{ priority: 3, group: 'g', timeoutMs: 50, isExempt: true, tokens: 6 }]);
  });

  it('of no items is no call', async () => {
    expect(await runHalving(calling(poisonedBy([])), [], control)).toEqual([]);
    expect(caller.calls).toEqual([]);
  });

  it('fails the items that it has an Error for, and no others', async () => {
    const error = new Error('item');
    const ends = await runHalving(
      calling(async (items) => items.map((n) => (n === 1 ? error : n))),
      [0, 1, 2],
      control,
    );
    expect(ends.map((end) => end.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(ends[1]).toEqual({ status: 'rejected', reason: error, attempts: 1, queueMs: 1, runMs: 10 });
    expect(batches).toHaveLength(1);
  });

  it('whose answer has not one result for each fails as a whole: halves would be answered no better', async () => {
    caller.attempts = 3;
    const ends = await runHalving(
      calling(() => [1]),
      [0, 1, 2],
      control,
    );
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(ends[0]).toMatchObject({ reason: { code: 'BATCH_RESULT' }, attempts: 1 });
    expect(batches).toHaveLength(1);
  });
});

describe('a batch that fails for an item', () => {
  it('is halved until that item is alone, the first half first', async () => {
    const halved: number[] = [];
    const ends = await runHalving(
      calling(poisonedBy([5]), { onHalved: (size) => halved.push(size) }),
      numbers(8),
      control,
    );
    expect(batches).toEqual([numbers(8), [0, 1, 2, 3], [4, 5, 6, 7], [4, 5], [4], [5], [6, 7]]);
    expect(halved).toEqual([8, 4, 2]);
    expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message))).toEqual([
      0,
      10,
      20,
      30,
      40,
      'HTTP 400',
      60,
      70,
    ]);
  });

  it('counts for each item the calls that it was in', async () => {
    caller.attempts = 2;
    const ends = await runHalving(calling(poisonedBy([3])), numbers(4), control);
    // The whole twice; then 0 and 1 once more, 2 and 3 twice together; 2 once more, 3 twice.
    expect(ends.map((end) => end.attempts)).toEqual([3, 3, 5, 6]);
    expect(ends.map((end) => end.queueMs)).toEqual([3, 3, 5, 6]);
    expect(ends.map((end) => end.runMs)).toEqual([30, 30, 50, 60]);
  });

  it('gives every item exactly one end, whichever are at fault, in at most two calls an item', async () => {
    const seed = seedOf('halving');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(39), { maxLength: 6 }),
        fc.array(fc.nat(39), { maxLength: 3 }),
        async (size, poison, uncounted) => {
          batches = [];
          const told = new Map<number, string>();
          const items = numbers(size);
          const note = (what: string) => (position: number) => {
            expect(told.has(position)).toBe(false);
            told.set(position, what);
          };
          const tokens = (n: number) => (uncounted.includes(n) ? Number.NaN : 1);
          await callHalving(calling(poisonedBy(poison), { tokens }), items, new CallControl(false), {
            fulfilled: (position, value) => {
              expect(value).toBe(position * 10);
              note('fulfilled')(position);
            },
            rejected: note('rejected'),
          });
          for (const item of items) {
            const isWrong = poison.includes(item) || uncounted.includes(item);
            expect(told.get(item)).toBe(isWrong ? 'rejected' : 'fulfilled');
          }
          expect(batches.length).toBeLessThanOrEqual(2 * size);
          const asked = batches.flat();
          expect(asked.some((item) => uncounted.includes(item))).toBe(false);
        },
      ),
      { seed, numRuns: 150 },
    );
  });

  it('fails an item that cannot be counted by itself, before any call', async () => {
    const tokens = (n: number) => {
      if (n === 1) throw new Error('tokenizer');
      return 2;
    };
    const ends = await runHalving(calling(poisonedBy([]), { tokens }), [0, 1, 2], control);
    expect(batches).toEqual([[0, 2]]);
    expect(caller.calls[0]?.tokens).toBe(4);
    expect(ends[1]).toMatchObject({ status: 'rejected', reason: { message: 'tokenizer' }, attempts: 0 });
    expect(ends[2]).toMatchObject({ status: 'fulfilled', value: 20 });
  });

  it('is halved without a call where it is more than the limit of tokens', async () => {
    caller.refuse = ({ tokens }) => (tokens > 2 ? new RateLimitTooSmallError(tokens, 2) : undefined);
    const ends = await runHalving(calling(poisonedBy([]), { tokens: (n) => (n === 3 ? 9 : 1) }), numbers(4), control);
    expect(batches).toEqual([[0, 1], [2]]);
    expect(ends.map((end) => end.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  });
});

describe('what is halved', () => {
  it('is what an item may be at fault for', () => {
    for (const error of [
      httpError(400),
      httpError(404),
      httpError(413),
      httpError(422),
      new Error('plain'),
      permanent(new Error('marked')),
      new TypeError('cannot read'),
      new RateLimitTooSmallError(10, 5),
      'a text',
      undefined,
    ]) {
      expect([error, mayBeAnItem(error)]).toEqual([error, true]);
    }
  });

  it('is not what halves would meet with as well', () => {
    for (const error of [
      httpError(401),
      httpError(402),
      httpError(429),
      httpError(500),
      httpError(503),
      Object.assign(new Error('quota'), { status: 429, code: 'insufficient_quota' }),
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      new TimeoutError(10),
      new BreakerOpenError(10),
      new QueueFullError(1, 'reject'),
      new ProcessorClosedError('p'),
      new DOMException('stopped', 'AbortError'),
    ]) {
      expect([error, mayBeAnItem(error)]).toEqual([error, false]);
    }
  });

  it('is a request that is larger than the whole rate limit, though it comes as a 429', async () => {
    const message =
      'Request too large for m on tokens per min (TPM): Limit 10000, Requested 12000. It must be reduced.';
    const tooLarge = Object.assign(new Error(message), { status: 429, type: 'tokens', code: 'rate_limit_exceeded' });
    const ends = await runHalving(
      calling((items) => {
        if (items.length > 2) throw tooLarge;
        return items;
      }),
      numbers(4),
      control,
    );
    expect(ends.map((end) => end.status)).toEqual(Array(4).fill('fulfilled'));
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [0, 1],
      [2, 3],
    ]);
  });

  it('is no batch of a failure that passes: all of its items fail with it, after one call', async () => {
    const ends = await runHalving(calling(poisonedBy([0], httpError(503))), [0, 1, 2], control);
    expect(batches).toHaveLength(1);
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});

describe('an abort', () => {
  it('ends what is left, and what has its end keeps it', async () => {
    const stop = new Error('stop');
    const halved: number[] = [];
    const ends = await runHalving(
      calling(
        (items) => {
          if (items.length > 2) throw httpError(400);
          if (!items.includes(2)) return items;
          control.abort(stop);
          return new Promise(() => {});
        },
        { onHalved: (size) => halved.push(size) },
      ),
      numbers(8),
      control,
    );
    expect(batches).toEqual([numbers(8), [0, 1, 2, 3], [0, 1], [2, 3]]);
    expect(halved).toEqual([8, 4]);
    expect(ends.map((end) => end.status)).toEqual([
      'fulfilled',
      'fulfilled',
      ...Array.from({ length: 6 }, () => 'rejected'),
    ]);
    expect(ends[7]).toEqual({ status: 'rejected', reason: stop, attempts: 1, queueMs: 1, runMs: 10 });
  });

  it('before the start makes no call', async () => {
    control.abort('no');
    const ends = await runHalving(calling(poisonedBy([])), [1, 2], control);
    expect(ends).toEqual([1, 2].map(() => ({ status: 'rejected', reason: 'no', attempts: 0, queueMs: 0, runMs: 0 })));
    expect(caller.calls).toEqual([]);
  });

  it('when the first item is known to have failed saves the calls that are left', async () => {
    await callHalving(calling(poisonedBy([0])), numbers(8), control, {
      fulfilled: () => {},
      rejected: (_position, reason) => control.abort(reason),
    });
    expect(batches).toEqual([numbers(8), [0, 1, 2, 3], [0, 1], [0]]);
  });
});
