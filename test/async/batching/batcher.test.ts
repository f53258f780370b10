import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { batchedLoad } from '../../../src/async/batching/batched-load.js';
import { Batcher, type LoadMany } from '../../../src/async/batching/batcher.js';
import type { BatcherOptions } from '../../../src/async/batching/batcher-options.js';
import { DeadlineHeap } from '../../../src/async/deadline-heap.js';
import { InvalidOptionError } from '../../../src/core/errors.js';
import { flushMicrotasks, ManualClock } from '../../manual-clock.js';
import { SeededRandom, seedOf } from '../../random.js';
import { RecordingCaller } from './recording-caller.js';

let clock: ManualClock;
let deadlines: DeadlineHeap;
let caller: RecordingCaller;
let batches: unknown[][];
let halved: number[];
let isOn: boolean;
let gathering: Set<{ flush(): void }>;

beforeEach(() => {
  clock = new ManualClock();
  deadlines = new DeadlineHeap(clock);
  caller = new RecordingCaller();
  batches = [];
  halved = [];
  isOn = true;
  gathering = new Set();
});

function batcher<Key, Result>(loadMany: LoadMany<Key, Result>, options?: BatcherOptions<Key>): Batcher<Key, Result> {
  return new Batcher(
    { caller, deadlines, isOn: () => isOn, onHalved: (size) => halved.push(size), gathering },
    (keys, context) => {
      batches.push([...keys]);
      return loadMany(keys, context);
    },
    options,
  );
}

const upper = async (keys: string[]) => keys.map((key) => key.toUpperCase());
const httpError = (status: number) => Object.assign(new Error(`HTTP ${status}`), { status });

/** A function that answers when the test says so. */
function held() {
  const waiting: { keys: string[]; signal: AbortSignal; answer(): void; fail(error: unknown): void }[] = [];
  const loadMany: LoadMany<string, string> = (keys, { signal }) =>
    new Promise((resolve, reject) => {
      waiting.push({ keys, signal, answer: () => resolve(keys.map((key) => key.toUpperCase())), fail: reject });
    });
  return { waiting, loadMany };
}

describe('keys that come in one turn of the event loop', () => {
  it('are one batch, and each gets its own result', async () => {
    const b = batcher(upper);
    expect(await Promise.all([b.load('a'), b.load('b'), b.load('c')])).toEqual(['A', 'B', 'C']);
    expect(batches).toEqual([['a', 'b', 'c']]);
    expect(caller.calls).toEqual([{ priority: 0, group: '', timeoutMs: undefined, tokens: 0, isExempt: false }]);
  });

  it('are one batch however many promises stand between them', async () => {
    const b = batcher(upper);
    const later = async (key: string) => {
      for (let i = 0; i < 20; i++) await null;
      return b.load(key);
    };
    await Promise.all([b.load('a'), later('b')]);
    expect(batches).toEqual([['a', 'b']]);
  });

  it('of the next turn are another', async () => {
    const b = batcher(upper);
    await b.load('a');
    await b.load('b');
    expect(batches).toEqual([['a'], ['b']]);
  });
});

describe('a batch', () => {
  it('goes when it is full', async () => {
    const { waiting, loadMany } = held();
    const b = batcher(loadMany, { maxSize: 2, maxWait: '1h' });
    const loads = ['a', 'b', 'c'].map((key) => b.load(key));
    expect(batches).toEqual([['a', 'b']]);
    expect(deadlines.size).toBe(1);
    clock.advance(3_600_000);
    await flushMicrotasks();
    expect(batches).toEqual([['a', 'b'], ['c']]);
    for (const call of waiting) call.answer();
    expect(await Promise.all(loads)).toEqual(['A', 'B', 'C']);
    expect(deadlines.size).toBe(0);
  });

  it('goes when its first key has waited for maxWait', async () => {
    const b = batcher(upper, { maxWait: 50 });
    const first = b.load('a');
    clock.advance(30);
    const second = b.load('b');
    await flushMicrotasks();
    expect(batches).toEqual([]);
    clock.advance(20);
    expect(await Promise.all([first, second])).toEqual(['A', 'B']);
    expect(batches).toEqual([['a', 'b']]);
  });

  it('goes before the key that would be too many tokens, and at once when it has them exactly', async () => {
    const b = batcher(upper, { maxWait: '1h', maxTokens: 5, tokens: (key) => key.length });
    void b.load('aaa');
    void b.load('bbb');
    expect(batches).toEqual([['aaa']]);
    void b.load('cc');
    expect(batches).toEqual([['aaa'], ['bbb', 'cc']]);
    void b.load('dddddddd');
    expect(batches).toEqual([['aaa'], ['bbb', 'cc'], ['dddddddd']]);
    expect(caller.calls.map((call) => call.tokens)).toEqual([3, 5, 8]);
    await flushMicrotasks();
  });

  it('goes on flush(), and has no wait left', async () => {
    const b = batcher(upper, { maxWait: '1h' });
    const load = b.load('a');
    b.flush();
    b.flush();
    expect(await load).toBe('A');
    expect([batches, deadlines.size]).toEqual([[['a']], 0]);
  });

  it('is known to its host until it goes, so that a drain can send it', async () => {
    const [one, two, three] = [1, 2, 3].map(() => batcher(upper, { maxWait: '1h' }));
    const controller = new AbortController();
    const loads = [one!.load('a'), one!.load('b'), two!.load('c')];
    const left = three!.load('d', controller.signal);
    expect(gathering.size).toBe(3);
    controller.abort();
    await expect(left).rejects.toThrow(/abort/);
    expect([...gathering]).toEqual([one, two]);
    for (const other of gathering) other.flush();
    expect(gathering.size).toBe(0);
    expect(await Promise.all(loads)).toEqual(['A', 'B', 'C']);
  });

  it('waits for its size alone where maxWait is Infinity', async () => {
    const b = batcher(upper, { maxWait: Number.POSITIVE_INFINITY, maxSize: 2 });
    const first = b.load('a');
    clock.advance(10 ** 9);
    await flushMicrotasks();
    expect(batches).toEqual([]);
    await Promise.all([first, b.load('b')]);
  });

  it('is called with the priority, group and timeout that were given', async () => {
    await batcher(upper, { priority: 2, group: 'tenant', timeout: '5s', tokens: () => 4 }).load('a');
    expect(caller.calls).toEqual([{ priority: 2, group: 'tenant', timeoutMs: 5_000, tokens: 4, isExempt: false }]);
  });

  it('has its array to itself: a function that changes it changes nothing for the next attempt', async () => {
    caller.attempts = 2;
    let calls = 0;
    const b = batcher(async (keys: string[]) => {
      const answer = keys.map((key) => key.toUpperCase());
      keys.length = 0;
      if (++calls === 1) throw httpError(503);
      return answer;
    });
    expect(await Promise.all([b.load('a'), b.load('b')])).toEqual(['A', 'B']);
    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('runs in the async context of its first key, whichever sent it', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const loadMany = async (keys: string[]) => {
      seen.push(context.getStore());
      return keys;
    };
    const bySize = batcher(loadMany, { maxSize: 2 });
    const byWait = batcher(loadMany, { maxWait: 10 });
    const byTurn = batcher(loadMany);
    const loads: Promise<string>[] = [];
    for (const b of [bySize, byWait, byTurn]) context.run('first', () => loads.push(b.load('a')));
    for (const b of [bySize, byWait, byTurn]) context.run('second', () => loads.push(b.load('b')));
    context.run('timer', () => clock.advance(10));
    await Promise.all(loads);
    expect(seen).toEqual(['first', 'first', 'first']);
  });

  it('that its own function adds keys to is another batch, within the bounds', async () => {
    const b: Batcher<string, string> = batcher(
      async (keys: string[]) => {
        if (keys.includes('a')) void b.load('inner');
        return keys;
      },
      { maxTokens: 3, tokens: () => 2 },
    );
    await Promise.all([b.load('a'), b.load('b'), b.load('c')]);
    await flushMicrotasks();
    expect(batches.every((keys) => keys.length === 1)).toBe(true);
    expect(batches.flat().sort()).toEqual(['a', 'b', 'c', 'inner']);
  });
});

describe('equal keys', () => {
  it('are loaded once while they wait, and while they are under way', async () => {
    const { waiting, loadMany } = held();
    const b = batcher(loadMany);
    const loads = [b.load('a'), b.load('a')];
    expect(b.pending).toBe(1);
    await flushMicrotasks();
    loads.push(b.load('a'));
    await flushMicrotasks();
    waiting[0]!.answer();
    expect(await Promise.all(loads)).toEqual(['A', 'A', 'A']);
    expect([batches, b.pending]).toEqual([[['a']], 0]);
  });

  it('are loaded again afterwards: it is no cache', async () => {
    const b = batcher(upper);
    await b.load('a');
    await b.load('a');
    expect(batches).toEqual([['a'], ['a']]);
  });

  it('are what keyOf says', async () => {
    const b = batcher(async (keys: { id: number }[]) => keys.map((key) => key.id), { keyOf: (key) => key.id });
    expect(await Promise.all([b.load({ id: 1 }), b.load({ id: 1 }), b.load({ id: 2 })])).toEqual([1, 1, 2]);
    expect(batches).toEqual([[{ id: 1 }, { id: 2 }]]);
  });

  it('are never two that are one with keyOf: false', async () => {
    const b = batcher(upper, { keyOf: false });
    await Promise.all([b.load('a'), b.load('a')]);
    expect([batches, b.pending]).toEqual([[['a', 'a']], 0]);
  });

  it('fail together', async () => {
    const b = batcher<string, string>(async () => {
      throw httpError(503);
    });
    const ends = await Promise.allSettled([b.load('a'), b.load('a')]);
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected']);
    expect(batches).toEqual([['a']]);
  });
});

describe('a failure', () => {
  it('of one key is that key alone: the others have their results', async () => {
    const b = batcher(async (keys: string[]) => {
      if (keys.includes('bad')) throw httpError(400);
      return keys;
    });
    const ends = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((key) => b.load(key)));
    expect(ends.map((end) => end.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(halved).toEqual([4, 2]);
    expect(b.pending).toBe(0);
  });

  it('that the function answers with is of its key', async () => {
    const b = batcher(async (keys: string[]) => keys.map((key) => (key === 'x' ? new Error('no x') : key)));
    const ends = await Promise.allSettled([b.load('a'), b.load('x')]);
    expect(ends).toMatchObject([{ value: 'a' }, { reason: { message: 'no x' } }]);
    expect(batches).toHaveLength(1);
  });

  it('of the function itself, thrown before its first await, is a rejection too', async () => {
    const b = batcher<string, string>(() => {
      throw httpError(500);
    });
    await expect(b.load('a')).rejects.toThrow('HTTP 500');
  });

  it('of keyOf or tokens is a rejection of that key, and the batch goes on', async () => {
    const broken = (key: string) => {
      if (key === 'x') throw new Error('broken');
      return key.length;
    };
    const byKey = batcher(upper, { keyOf: broken });
    const byTokens = batcher(upper, { tokens: broken });
    const wrong = batcher(upper, { tokens: (key) => (key === 'x' ? Number.NaN : 1) });
    for (const b of [byKey, byTokens, wrong]) {
      const ends = await Promise.allSettled([b.load('a'), b.load('x')]);
      expect(ends).toMatchObject([{ value: 'A' }, { status: 'rejected', reason: expect.any(Error) }]);
      expect(b.pending).toBe(0);
    }
    expect(batches).toEqual([['a'], ['a'], ['a']]);
  });
});

describe('a caller whose signal is aborted', () => {
  it('leaves at once, and its key is not sent', async () => {
    const b = batcher(upper, { maxWait: 10 });
    const controller = new AbortController();
    const left = b.load('a', controller.signal);
    const stays = b.load('b');
    controller.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(b.pending).toBe(1);
    clock.advance(10);
    expect(await stays).toBe('B');
    expect(batches).toEqual([['b']]);
  });

  it('takes nothing from those who wait for the same key', async () => {
    for (const other of [undefined, new AbortController().signal]) {
      batches = [];
      const b = batcher(upper);
      const controller = new AbortController();
      const left = b.load('a', controller.signal);
      const stays = b.load('a', other);
      controller.abort();
      await expect(left).rejects.toThrow(/abort/);
      expect(await stays).toBe('A');
      expect(batches).toEqual([['a']]);
    }
  });

  it('before the call is refused with its reason', async () => {
    const b = batcher(upper);
    await expect(b.load('a', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect([b.pending, deadlines.size]).toEqual([0, 0]);
  });

  it('leaves neither batch nor wait behind when it was the only one', async () => {
    const b = batcher(upper, { maxWait: 10 });
    const controller = new AbortController();
    const left = b.load('a', controller.signal);
    controller.abort();
    await expect(left).rejects.toThrow(/abort/);
    expect([b.pending, deadlines.size]).toEqual([0, 0]);
    const later = b.load('b');
    clock.advance(10);
    expect(await later).toBe('B');
    expect(batches).toEqual([['b']]);
  });

  it('lets a batch under way go on for the others; the last one to leave aborts it', async () => {
    const { waiting, loadMany } = held();
    const b = batcher(loadMany);
    const [one, two] = [new AbortController(), new AbortController()];
    const loads = [b.load('a', one.signal), b.load('b', two.signal)];
    await flushMicrotasks();
    one.abort(new Error('one'));
    await expect(loads[0]).rejects.toThrow('one');
    expect(caller.controls[0]?.isAborted).toBe(false);
    two.abort(new Error('two'));
    await expect(loads[1]).rejects.toThrow('two');
    expect(caller.controls[0]).toMatchObject({ isAborted: true, reason: new Error('two') });
    expect(b.pending).toBe(0);
    const again = b.load('a');
    await flushMicrotasks();
    waiting[1]!.answer();
    expect(await again).toBe('A');
  });

  it('aborts a batch of which all others already have their results', async () => {
    const b = batcher((keys: string[]) => {
      if (keys.length > 1) throw httpError(400);
      return keys[0] === 'a' ? keys : new Promise<string[]>(() => {});
    });
    const controller = new AbortController();
    const loads = [b.load('a'), b.load('b', controller.signal)];
    expect(await loads[0]).toBe('a');
    expect(caller.controls[0]?.isAborted).toBe(false);
    controller.abort(new Error('last'));
    await expect(loads[1]).rejects.toThrow('last');
    expect(caller.controls[0]?.isAborted).toBe(true);
  });

  it('does not abort a batch for a key that somebody else came for', async () => {
    const { waiting, loadMany } = held();
    const b = batcher(loadMany);
    const controller = new AbortController();
    const left = b.load('a', controller.signal);
    await flushMicrotasks();
    const stays = b.load('a');
    controller.abort();
    await expect(left).rejects.toThrow(/abort/);
    waiting[0]!.answer();
    expect(await stays).toBe('A');
  });

  it('makes room: keys that are gone count for no bound', async () => {
    const b = batcher(upper, { maxWait: '1h', maxSize: 3, maxTokens: 6, tokens: () => 2 });
    for (let i = 0; i < 200; i++) {
      const controller = new AbortController();
      const left = b.load(`gone ${i}`, controller.signal);
      void b.load('kept');
      controller.abort();
      await expect(left).rejects.toThrow(/abort/);
    }
    expect([batches, b.pending]).toEqual([[], 1]);
    void b.load('b');
    void b.load('c');
    expect(batches).toEqual([['kept', 'b', 'c']]);
    await flushMicrotasks();
  });

  it('has one listener for all of its keys, and none once they are loaded', async () => {
    const b = batcher(upper);
    const { signal } = new AbortController();
    const loads = Array.from({ length: 50 }, (_, i) => b.load(`k${i}`, signal));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(loads);
    await flushMicrotasks();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const again = b.load('a', signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await again;
  });

  it('ends all of its keys', async () => {
    const b = batcher(upper);
    const controller = new AbortController();
    const loads = Array.from({ length: 5 }, (_, i) => b.load(`k${i}`, controller.signal));
    controller.abort();
    const ends = await Promise.allSettled(loads);
    expect(ends.map((end) => end.status)).toEqual(Array(5).fill('rejected'));
    await flushMicrotasks();
    expect([batches, b.pending]).toEqual([[], 0]);
  });
});

describe('while it is off', () => {
  it('makes each key a call of its own, at once', async () => {
    isOn = false;
    const b = batcher(upper, { maxWait: '1h' });
    expect(await Promise.all([b.load('a'), b.load('a'), b.load('b')])).toEqual(['A', 'A', 'B']);
    expect(batches).toEqual([['a'], ['a'], ['b']]);
    expect(b.pending).toBe(0);
  });
});

describe('as a function', () => {
  it('loads, flushes and counts', async () => {
    const load = batchedLoad(batcher(upper, { maxWait: '1h' }));
    const controller = new AbortController();
    const loads = [load('a'), load('b', { signal: controller.signal })];
    expect(load.pending).toBe(2);
    controller.abort();
    await expect(loads[1]).rejects.toThrow(/abort/);
    load.flush();
    expect(await loads[0]).toBe('A');
    expect(load.pending).toBe(0);
  });
});

describe('bad options', () => {
  it('are refused by name', () => {
    const bad: [unknown, string][] = [
      [{ maxSize: 0 }, 'maxSize'],
      [{ maxSize: 1.5 }, 'maxSize'],
      [{ maxWait: -1 }, 'maxWait'],
      [{ maxWait: 'soon' }, 'maxWait'],
      [{ maxTokens: 10 }, 'tokens'],
      [{ maxTokens: 0, tokens: () => 1 }, 'maxTokens'],
      [{ tokens: 4 }, 'tokens'],
      [{ keyOf: 'id' }, 'keyOf'],
      [{ priority: Number.NaN }, 'priority'],
      [{ group: 7 }, 'group'],
      [{ timeout: 0 }, 'timeout'],
      [{ size: 3 }, 'size'],
      [null, 'options'],
    ];
    for (const [options, option] of bad) {
      const make = () => batcher(upper, options as BatcherOptions<string>);
      expect(make).toThrow(InvalidOptionError);
      expect(make).toThrow(new RegExp(`^${option} must be`));
    }
    expect(() => new Batcher({ caller, deadlines, isOn: () => true, onHalved: () => {} }, 'x' as never)).toThrow(
      /^loadMany must be a function/,
    );
  });
});

describe('any mixture of loads, aborts, failures and waits', () => {
  it('gives each caller exactly one outcome, the right one, and leaves nothing behind', async () => {
    const seed = seedOf('batcher');
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const random = new SeededRandom(seed);
      for (let round = 0; round < 60; round++) {
        const maxSize = 1 + random.below(6);
        const maxTokens = random.chance(0.5) ? 4 + random.below(8) : Number.POSITIVE_INFINITY;
        const waiting: (() => void)[] = [];
        const b = batcher(
          (keys: number[]) =>
            new Promise<(number | Error)[]>((resolve, reject) => {
              expect(keys.length).toBeLessThanOrEqual(maxSize);
              expect(new Set(keys).size).toBe(keys.length);
              const tokens = keys.reduce((sum, key) => sum + (key % 5), 0);
              if (keys.length > 1) expect(tokens).toBeLessThanOrEqual(maxTokens);
              waiting.push(() => {
                if (keys.some((key) => key % 11 === 0)) reject(httpError(422));
                else resolve(keys.map((key) => (key % 7 === 0 ? new Error('item') : key * 2)));
              });
            }),
          { maxSize, maxTokens, tokens: (key) => key % 5, maxWait: random.below(2) * 20 },
        );
        const outcomes: Promise<void>[] = [];
        for (let step = 0; step < 60; step++) {
          if (random.chance(0.7)) {
            const key = random.below(30);
            const controller = random.chance(0.4) ? new AbortController() : undefined;
            let isAborted = false;
            outcomes.push(
              b.load(key, controller?.signal).then(
                (value) => {
                  expect(value).toBe(key * 2);
                  expect(key % 7 === 0 || key % 11 === 0).toBe(false);
                },
                (error: Error) => {
                  if (error.name === 'AbortError') expect(isAborted).toBe(true);
                  else expect(key % 7 === 0 || key % 11 === 0).toBe(true);
                },
              ),
            );
            if (controller !== undefined && random.chance(0.5)) {
              setImmediate(() => {
                isAborted = true;
                controller.abort();
              });
            }
          }
          if (random.chance(0.2)) waiting.splice(random.below(waiting.length + 1), 1)[0]?.();
          if (random.chance(0.2)) await clock.advanceAsync(15);
        }
        let isDone = false;
        const all = Promise.all(outcomes).then(() => {
          isDone = true;
        });
        while (!isDone) {
          b.flush();
          await flushMicrotasks();
          for (const answer of waiting.splice(0)) answer();
        }
        await all;
        expect([b.pending, deadlines.size]).toEqual([0, 0]);
      }
      await flushMicrotasks();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
