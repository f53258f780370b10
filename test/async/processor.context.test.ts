import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

const broken = new Error('broken');

describe('the async context of a call', () => {
  const kinds = [
    ['slots alone', {}],
    ['layers', { retry: { attempts: 2, backoff: 1_000, budget: Number.POSITIVE_INFINITY } }],
  ] as const;

  it.each(kinds)('is that of its caller, wherever it had to wait (%s)', async (_, layers) => {
    const clock = new ManualClock();
    const processor = new AsyncProcessor({ ...layers, concurrency: 1, clock });
    const caller = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const fn = async (item: string, { attempt }: { attempt: number }) => {
      await undefined;
      seen.push(`${item} in ${caller.getStore()}`);
      if ('retry' in layers && attempt === 1) throw broken;
    };
    const all = Promise.all([
      caller.run('run 1', () => processor.run((context) => fn('a', context))),
      caller.run('run 2', () => processor.run((context) => fn('b', context), { priority: -1 })),
      caller.run('batch', () => processor.process(['c', 'd'], fn)),
      caller.run('stream', async () => {
        for await (const _outcome of processor.stream(['e', 'f'], fn)) seen.push(`read in ${caller.getStore()}`);
      }),
    ]);
    for (let i = 0; i < 40; i++) await clock.advanceAsync(1_000);
    await all;
    expect([...new Set(seen)].sort()).toEqual(
      ['a in run 1', 'b in run 2', 'c in batch', 'd in batch', 'e in stream', 'f in stream', 'read in stream'].sort(),
    );
  });

  it('of a batch is not that of a call whose success has made room for more', async () => {
    const processor = new AsyncProcessor({ concurrency: { adaptive: true, max: 8, initial: 1 } });
    const caller = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const fn = async (n: number) => {
      await undefined;
      seen.push(caller.getStore());
      return n;
    };
    const calls = Array.from({ length: 10 }, () => caller.run('call', () => processor.run(() => 1)));
    const batch = caller.run('batch', () => processor.process(Array(40).keys(), fn));
    await Promise.all([...calls, batch]);
    expect(processor.stats().limit).toBeGreaterThan(1);
    expect(new Set(seen)).toEqual(new Set(['batch']));
  });

  it('of a stream is that in which it was begun, whoever reads on', async () => {
    for (const layers of [{}, { timeout: '1h' as const }]) {
      const processor = new AsyncProcessor({ ...layers, concurrency: 1 });
      const caller = new AsyncLocalStorage<string>();
      const seen: (string | undefined)[] = [];
      const stream = processor.stream(Array(6).keys(), async () => {
        seen.push(caller.getStore());
      });
      await caller.run('first', () => stream.next());
      for (let i = 0; i < 6; i++) {
        await flushMicrotasks();
        await caller.run('another', () => stream.next());
      }
      expect(seen).toEqual(Array(6).fill('first'));
    }
  });
});
