import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../src/async/progress.js';
import { runInWorkers } from '../../../src/async/workers/run-in-workers.js';
import { WorkerExitError } from '../../../src/async/workers/worker-exit-error.js';
import type { WorkerOptions } from '../../../src/async/workers/worker-options.js';
import { InvalidOptionError } from '../../../src/core/errors.js';

const WORK = new URL('./modules/work.mjs', import.meta.url);
const FIVE = [1, 2, 3, 4, 5];
const threads = 2;

describe('runInWorkers', () => {
  it('answers in the order of the input, whichever comes first', async () => {
    expect(await runInWorkers<number>(FIVE, WORK, { threads })).toEqual([2, 4, 6, 8, 10]);
    const times = [80, 1, 40, 1, 1];
    expect(await runInWorkers(times, WORK, { threads, exportName: 'later' })).toEqual(times);
  });

  it('runs on as many threads as it may, not on this one, and keeps them for all items', async () => {
    const seen = await runInWorkers<number>(new Array(40).fill(20), WORK, { threads, exportName: 'whichThread' });
    expect(new Set(seen).size).toBeLessThanOrEqual(2);
    expect(seen).not.toContain(0);
    const apart = await runInWorkers<number>([60, 60], WORK, { threads, exportName: 'later' });
    expect(apart).toEqual([60, 60]);
  });

  it('takes a path, sets and generators, and no items at all', async () => {
    expect(await runInWorkers(new Set([1, 2]), WORK.pathname, { threads })).toEqual([2, 4]);
    expect(await runInWorkers([], WORK.href, { threads })).toEqual([]);
    async function* numbers() {
      for (const n of FIVE) yield n;
    }
    expect(await runInWorkers(numbers(), WORK, { threads })).toEqual([2, 4, 6, 8, 10]);
  });

  it('pulls items as threads are there for them', async () => {
    let pulled = 0;
    let started = 0;
    let most = 0;
    function* items() {
      for (let i = 0; i < 200; i++) {
        pulled++;
        yield i;
      }
    }
    const transfer = (): readonly object[] => {
      // Each thread may have the next item in hand while another one starts.
      most = Math.max(most, pulled - ++started);
      return [];
    };
    expect(await runInWorkers(items(), WORK, { threads, transfer })).toHaveLength(200);
    expect(most).toBeLessThan(threads);
  });

  it('hands over what is to be transferred', async () => {
    const buffers = [new ArrayBuffer(1_000), new ArrayBuffer(2_000)];
    const sizes = await runInWorkers(buffers, WORK, {
      threads,
      exportName: 'sizeOf',
      transfer: (buffer) => [buffer],
    });
    expect(sizes).toEqual([1_000, 2_000]);
    expect(buffers.map(({ byteLength }) => byteLength)).toEqual([0, 0]);
  });

  it('reports progress, to the last item', async () => {
    const reports: Progress[] = [];
    const onProgress = (progress: Progress): void => {
      reports.push(progress);
    };
    await runInWorkers(FIVE, WORK, { threads, exportName: 'failAt3', onError: 'skip', onProgress });
    expect(reports.at(-1)).toMatchObject({ done: 5, failed: 1, total: 5 });
  });

  it('takes no harm of a progress that throws, and reports that', async () => {
    const troubles: unknown[] = [];
    const surroundings = {
      clock: (await import('../../../src/core/clock.js')).systemClock(),
      trouble: (error: unknown, during: string) => {
        troubles.push(error, during);
      },
    };
    const thrown = new Error('of the listener');
    const onProgress = (): void => {
      throw thrown;
    };
    expect(await runInWorkers([1], WORK, { threads, onProgress }, surroundings)).toEqual([2]);
    expect(troubles).toEqual([thrown, 'onProgress of runInWorkers']);
  });
});

describe('runInWorkers: failing items', () => {
  it('settles each item where it is asked to', async () => {
    const outcomes = await runInWorkers<number, number>(FIVE, WORK, {
      threads,
      exportName: 'failAt3',
      onError: 'settle',
    });
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(outcomes.map(({ item, index }) => [item, index])).toEqual(FIVE.map((n, i) => [n, i]));
    const failed = outcomes[2]!;
    if (failed.status !== 'rejected') throw new Error('it did not fail');
    expect(failed.reason).toBeInstanceOf(RangeError);
    expect(failed.reason).toMatchObject({ message: 'three is not liked', cause: 'taste' });
    expect(failed).toMatchObject({ attempts: 1, queueMs: 0 });
    expect(failed.runMs).toBeGreaterThan(0);
  });

  it('leaves them out where it is asked to', async () => {
    const results = await runInWorkers(FIVE, WORK, { threads, exportName: 'failAt3', onError: 'skip' });
    expect(results).toEqual([1, 2, 4, 5]);
  });

  it('throws the first, and asks the source for no more', async () => {
    let isClosed = false;
    function* endless() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        isClosed = true;
      }
    }
    await expect(runInWorkers(endless(), WORK, { threads, exportName: 'failAt3' })).rejects.toThrow(RangeError);
    expect(isClosed).toBe(true);
  });

  it('goes on with another thread where one ended itself', async () => {
    const outcomes = await runInWorkers(FIVE, WORK, { threads: 1, exportName: 'exitAt3', onError: 'settle' });
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : outcome.value));
    expect(reasons).toEqual([1, 2, expect.any(WorkerExitError), 4, 5]);
    expect(reasons[2]).toMatchObject({ code: 'WORKER_EXIT', exitCode: 7 });
  });

  it('goes on with another thread where one failed outside of its function', async () => {
    const outcomes = await runInWorkers(FIVE, WORK, { threads: 1, exportName: 'throwLater', onError: 'settle' });
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : outcome.value));
    expect(reasons).toEqual([1, 2, expect.objectContaining({ message: 'outside of its promise' }), 4, 5]);
  });

  it.each<[string, readonly unknown[], string, object]>([
    ['an item that cannot be copied', [1, () => {}, 3], 'default', { name: 'DataCloneError' }],
    ['a result that cannot be copied', [1, 3, 5], 'answerFunction', { code: 'WORKER_CLONE' }],
    ['an error that cannot be copied', [1, 3, 5], 'throwFunction', { code: 'WORKER_CLONE' }],
    ['an error that is no Error', [1, 3, 5], 'throwPlain', { code: 42 }],
  ])('fails %s alone', async (_, items, exportName, reason) => {
    const outcomes = await runInWorkers(items, WORK, { threads: 1, exportName, onError: 'settle' });
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason });
  });

  it('fails an item whose transfer throws', async () => {
    const transfer = (n: unknown): readonly object[] => {
      if (n === 3) throw new TypeError('no');
      return [];
    };
    const outcomes = await runInWorkers(FIVE, WORK, { threads, transfer, onError: 'settle' });
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([{ index: 2, item: 3 }]);
  });

  it('says what is wrong with a module, or with its function', async () => {
    const broken = new URL('./modules/broken.mjs', import.meta.url);
    await expect(runInWorkers(FIVE, broken, { threads })).rejects.toThrow('the module is broken');
    await expect(runInWorkers(FIVE, WORK, { threads, exportName: 'absent' })).rejects.toThrow(/"absent"/);
    const away = new URL('./modules/away.mjs', import.meta.url);
    await expect(runInWorkers(FIVE, away, { threads })).rejects.toThrow(/module must be a file that is there.*away/);
  });
});

describe('runInWorkers: its end', () => {
  it('leaves no thread behind', async () => {
    const { port1, port2 } = new MessageChannel();
    const isClosed = once(port2, 'close');
    port2.unref();
    const transfer = ({ port }: { port: MessagePort }): readonly object[] => [port];
    await runInWorkers([{ port: port1 }], WORK, { threads, exportName: 'keepPort', transfer });
    // The other end of it is closed with the thread that has it.
    await isClosed;
  });

  it('ends threads that never would when it is aborted', async () => {
    const controller = new AbortController();
    const items = (function* () {
      yield 0;
      yield 1;
      setTimeout(() => controller.abort(new Error('enough')), 50);
      yield 2;
    })();
    const reports: Progress[] = [];
    const onProgress = (progress: Progress): void => {
      reports.push(progress);
    };
    const run = runInWorkers(items, WORK, { threads, exportName: 'forever', signal: controller.signal, onProgress });
    await expect(run).rejects.toThrow('enough');
    // Those that were cut off have not failed by themselves.
    expect(reports.at(-1)).toMatchObject({ done: 1, failed: 0 });
  });

  it('rejects when its source has cleaned up', async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 100));
        isClosed = true;
      }
    }
    const run = runInWorkers(endless(), WORK, { threads: 1, exportName: 'failAt3' });
    await expect(run).rejects.toThrow(RangeError);
    expect(isClosed).toBe(true);
  });

  it('starts nothing when it is aborted before', async () => {
    let isAsked = false;
    const items = (function* () {
      isAsked = true;
      yield 1;
    })();
    const run = runInWorkers(items, WORK, { signal: AbortSignal.abort(new Error('before')) });
    await expect(run).rejects.toThrow('before');
    expect(isAsked).toBe(false);
  });

  it('waits for no source that never answers', async () => {
    const controller = new AbortController();
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const run = runInWorkers(silent, WORK, { threads, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(run).rejects.toThrow('enough');
  });

  it('rejects with what its source failed with', async () => {
    const failing = (function* () {
      yield 1;
      throw new Error('of the source');
    })();
    const run = runInWorkers(failing, WORK, { threads, onError: 'settle' });
    await expect(run).rejects.toThrow('of the source');
  });

  it('asks a source for one item at a time', async () => {
    let asked = 0;
    let most = 0;
    let n = 0;
    const slow = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          most = Math.max(most, ++asked);
          await new Promise((resolve) => setImmediate(resolve));
          asked--;
          return n < 10 ? { done: false as const, value: n++ } : { done: true as const, value: undefined };
        },
      }),
    };
    expect(await runInWorkers(slow, WORK, { threads })).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(most).toBe(1);
  });
});

describe('runInWorkers: bad input', () => {
  it.each<[string, unknown, WorkerOptions<unknown>, string]>([
    ['no threads', WORK, { threads: 0 }, 'threads'],
    ['a fraction of a thread', WORK, { threads: 0.5 }, 'threads'],
    ['an empty export name', WORK, { exportName: '' }, 'exportName'],
    ['a transfer that is none', WORK, { transfer: [] as never }, 'transfer'],
    ['another way with errors', WORK, { onError: 'ignore' as never }, 'onError'],
    ['a signal that is none', WORK, { signal: {} as never }, 'signal'],
    ['a misspelt option', WORK, { thread: 2 } as never, 'thread'],
    ['a relative path', './work.mjs', {}, 'module'],
    ['a URL of another kind', new URL('https://example.test/work.mjs'), {}, 'module'],
    ['a function', () => {}, {}, 'module'],
  ])('refuses %s, naming the option', async (_, module, options, option) => {
    const run = runInWorkers(FIVE, module as string, options as object);
    await expect(run).rejects.toThrow(InvalidOptionError);
    await expect(runInWorkers(FIVE, module as string, options as object)).rejects.toThrow(option);
  });

  it('refuses items that are none', async () => {
    await expect(runInWorkers(7 as never, WORK)).rejects.toThrow(InvalidOptionError);
  });
});
