import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { seedOf } from '../random.js';
import { CallMeterWorld, held, PLAIN } from './call-meter-world.js';

describe('calls at the same time', () => {
  it('are exclusive one after the other', async () => {
    const world = new CallMeterWorld();
    for (let n = 0; n < 3; n++) await world.meter.measure('load', PLAIN, async () => world.take({ heap: 1 }));
    expect(world.reports.map(({ attribution, heapMb }) => [attribution, heapMb])).toEqual(
      Array(3).fill(['exclusive', 1]),
    );
  });

  it('of which one is synchronous: that one has the thread to itself', async () => {
    const world = new CallMeterWorld();
    const { promise, resolve } = held();
    const slow = world.meter.measure('slow', PLAIN, () => promise);
    world.meter.measure('sync', PLAIN, () => world.take({ heap: 1 }));
    expect(world.last).toMatchObject({ name: 'sync', attribution: 'exclusive', heapMb: 1 });
    resolve();
    await slow;
    expect(world.last).toMatchObject({ name: 'slow', attribution: 'overlapped' });
  });

  it('of which one is made within the other: exclusive as far as it is over when the outer one first waits', async () => {
    const world = new CallMeterWorld();
    const sync = (): void => world.meter.measure('sync', PLAIN, () => world.take({ heap: 1 }));
    world.meter.measure('outer', PLAIN, sync);
    expect(world.last).toMatchObject({ name: 'outer', attribution: 'exclusive', heapMb: 1 });
    await world.meter.measure('before', PLAIN, async () => sync());
    expect(world.last).toMatchObject({ name: 'before', attribution: 'exclusive' });
    await world.meter.measure('after', PLAIN, async () => {
      await null;
      sync();
    });
    expect(world.last).toMatchObject({ name: 'after', attribution: 'overlapped' });
    await world.meter.measure('around', PLAIN, () => world.meter.measure('inner', PLAIN, async () => {}));
    expect(world.reports.slice(-2).map(({ name, attribution }) => [name, attribution])).toEqual([
      ['inner', 'overlapped'],
      ['around', 'overlapped'],
    ]);
  });
});

interface Span {
  readonly id: number;
  readonly opened: number;
  returned: number;
  closed: number;
}

/** Said by comparing every call with every other, by when each began, returned and ended. */
function expected(one: Span, all: readonly Span[]): string {
  if (one.closed <= one.returned) return 'exclusive';
  const others = all.filter((other) => other !== one && other.opened < one.closed && other.closed > one.opened);
  const isPart = (other: Span): boolean => other.opened > one.opened && other.closed < one.returned;
  return others.every(isPart) ? 'exclusive' : 'overlapped';
}

const op = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('begin' as const), inner: fc.array(fc.boolean(), { maxLength: 2 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('sync' as const), inner: fc.array(fc.boolean(), { maxLength: 2 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(20), fails: fc.boolean() }) },
);

it('in any order, overlap says what comparing all of them says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 25 }), async (ops) => {
      const world = new CallMeterWorld();
      const spans: Span[] = [];
      let time = 0;
      const open: { span: Span; settle: (fails: boolean) => void }[] = [];
      const call = (isSync: boolean, inner: readonly boolean[]): void => {
        const span: Span = { id: spans.length, opened: ++time, returned: 0, closed: Number.POSITIVE_INFINITY };
        spans.push(span);
        const { promise, resolve, reject } = held();
        const answer = world.meter.measure(`${span.id}`, PLAIN, () => {
          for (const isInnerSync of inner) call(isInnerSync, []);
          return isSync ? undefined : promise;
        });
        span.returned = ++time;
        if (isSync) span.closed = span.returned;
        else open.push({ span, settle: (fails) => (fails ? reject(new Error('no')) : resolve()) });
        answer?.catch(() => {});
      };
      const end = async ({ span, settle }: (typeof open)[number], fails: boolean): Promise<void> => {
        settle(fails);
        await flushMicrotasks();
        span.closed = ++time;
      };
      for (const step of ops) {
        if (step.kind !== 'end') call(step.kind === 'sync', step.inner);
        else if (open.length > 0) await end(open.splice(step.which % open.length, 1)[0]!, step.fails);
      }
      for (const one of open) await end(one, false);
      const said = Object.fromEntries(world.reports.map(({ name, attribution }) => [name, attribution]));
      expect(said).toEqual(Object.fromEntries(spans.map((span) => [span.id, expected(span, spans)])));
      expect(world.meter.stats().running).toBe(0);
    }),
    { seed: seedOf('overlap of calls'), numRuns: 300 },
  );
});
