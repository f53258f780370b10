import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import { permanent } from '../../src/async/retry/permanent.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { unhandledDuring } from '../monitor/unhandled-rejections.js';
import { seedOf } from '../random.js';
import { upTo } from './counted-source.js';
import { HeldCalls } from './held-calls.js';
import type { EventClock } from './rate/event-clock.js';
import { MemoryStore } from './rate/memory-store.js';

const status = (code: number, headers = {}): Error =>
  Object.assign(new Error(`status ${code}`), { status: code, headers });
const FAILURES = [
  new Error('unknown'),
  permanent(new Error('poison')),
  status(429),
  status(429, { 'retry-after': '2' }),
  status(503),
  Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
];

const options: fc.Arbitrary<AsyncProcessorOptions> = fc.record(
  {
    concurrency: fc.constantFrom(1, 2, 5, { adaptive: true as const, min: 1, max: 6, initial: 3 }),
    retry: fc.constantFrom(2, { attempts: 4, backoff: 100, budget: Number.POSITIVE_INFINITY }),
    timeout: fc.constant(5_000),
    grace: fc.constantFrom(0, 1_000),
    rateLimit: fc.constantFrom({ requestsPerMinute: 30 }, { tokensPerMinute: 50, requestsPerMinute: 100 }),
    breaker: fc.constant({ consecutive: 3, cooldown: 1_000 }),
    queue: fc.record({
      max: fc.constantFrom(0, 2, 100),
      policy: fc.constantFrom('reject', 'drop-oldest', 'drop-lowest'),
    }),
    closeTimeout: fc.constantFrom(0, 3_000),
  },
  { requiredKeys: ['queue'] },
);

const place = {
  group: fc.constantFrom('', '', 'a', 'b', 'c'),
  priority: fc.constantFrom(0, 0, 1, -1),
  isStoppable: fc.boolean(),
};
const op = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('run' as const), tokens: fc.nat(20), ...place }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('process' as const, 'stream' as const, 'batches' as const, 'sink' as const),
      items: fc.nat(8),
      onError: fc.constantFrom('throw' as const, 'settle' as const, 'skip' as const),
      leavesAfter: fc.nat(9),
      ...place,
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(), how: fc.nat(9) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 100, 1_000, 6_000, 61_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stop' as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('mode' as const),
      mode: fc.constantFrom('on' as const, 'off' as const, 'observe' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('drain' as const), timeout: fc.constantFrom(0, 2_000, 100_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('observe' as const), ms: fc.constantFrom(0, 500, 3_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      health: fc.constantFrom('well' as const, 'refuses' as const, 'hangs' as const),
    }),
  },
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

/** A processor to which anything happens, in any order. */
class World {
  readonly clock = new ManualClock();
  readonly calls = new HeldCalls<number>();
  readonly processor: AsyncProcessor;
  /** It asks the clock for nothing but the time. */
  readonly store: MemoryStore = new MemoryStore(this.clock as unknown as EventClock);
  readonly #stops: AbortController[] = [];
  /** Promises that have not settled yet. */
  open = 0;

  constructor({ rateLimit, ...settings }: AsyncProcessorOptions, isShared: boolean) {
    const limit = rateLimit && { rateLimit: isShared ? { ...rateLimit, store: this.store } : rateLimit };
    this.processor = new AsyncProcessor({ ...settings, ...limit, clock: this.clock });
  }

  do(step: Op): void {
    const { processor, calls } = this;
    switch (step.kind) {
      case 'run':
        this.#watch(processor.run(calls.as(0), { ...this.#place(step), tokens: step.tokens }));
        break;
      case 'end':
        this.end(step.at, step.how);
        break;
      case 'wait':
        this.clock.advance(step.ms);
        break;
      case 'stop':
        this.#stops[step.at % this.#stops.length]?.abort();
        break;
      case 'mode':
        processor.mode = step.mode;
        break;
      case 'drain':
        this.#watch(processor.drain({ timeout: step.timeout }));
        break;
      case 'store':
        if (step.health === 'well') this.store.recover();
        else this.store.health = step.health;
        break;
      case 'observe':
        processor.observeResponse(429, { 'retry-after-ms': String(step.ms) });
        break;
      default:
        this.#watch(this.#job(step));
    }
  }

  end(at: number, how: number): void {
    const { running } = this.calls;
    const call = running[at % running.length];
    if (how < FAILURES.length) call?.fail(FAILURES[how]);
    else call?.succeed();
  }

  #place({ group, priority, isStoppable }: { group: string; priority: number; isStoppable: boolean }) {
    if (!isStoppable) return { group, priority };
    const stop = new AbortController();
    this.#stops.push(stop);
    return { group, priority, signal: stop.signal };
  }

  async #job(step: Extract<Op, { items: number }>): Promise<void> {
    const { processor, calls } = this;
    const { onError, leavesAfter } = step;
    const place = this.#place(step);
    const items = upTo(step.items);
    if (step.kind === 'process') await processor.process(items, calls.forItem, { ...place, onError });
    else if (step.kind === 'sink') await processor.process(items, calls.forItem, { ...place, onError, sink: () => {} });
    else if (step.kind === 'batches') {
      const fn = async (batch: readonly number[], context: never) => [
        await calls.forItem(batch[0]!, context),
        ...batch.slice(1),
      ];
      await processor.processBatches(items, 3, fn as never, { ...place, onError });
    } else {
      let read = 0;
      for await (const _outcome of processor.stream(items, calls.forItem, { ...place, onError }))
        if (++read > leavesAfter) break;
    }
  }

  #watch(promise: Promise<unknown>): void {
    this.open++;
    const settled = (): void => {
      this.open--;
    };
    promise.then(settled, settled);
  }
}

it(
  'whatever happens to a processor, every promise settles, every slot comes back, and no timer stays',
  { timeout: 60_000 },
  async () => {
    const property = fc.asyncProperty(
      options,
      fc.boolean(),
      fc.array(op, { minLength: 10, maxLength: 80, size: 'max' }),
      async (settings, isShared, steps) => {
        const world = new World(settings, isShared);
        const { processor, clock, calls } = world;
        const { concurrency } = settings;
        for (const step of steps) {
          world.do(step);
          await flushMicrotasks();
          if (processor.mode === 'on' && typeof concurrency === 'number' && !steps.some(({ kind }) => kind === 'mode'))
            expect(processor.stats().active).toBeLessThanOrEqual(concurrency);
        }
        for (let round = 0; round < 600 && (world.open > 0 || calls.running.length > 0); round++) {
          calls.succeedAll();
          await flushMicrotasks();
          await clock.advanceAsync(round % 3 === 0 ? 10_000 : 100);
        }
        expect([world.open, calls.running.length]).toEqual([0, 0]);
        // A store that hangs has its deadline, also where nobody waits for the answer any more.
        await clock.advanceAsync(1_000);
        expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
        world.store.recover();
        await processor.close();
        // What was asked of a shared limit has its deadline still.
        await clock.advanceAsync(60_000);
        expect(clock.pendingTimers).toBe(0);
      },
    );
    const seed = seedOf('processor: chaos');
    const unhandled = await unhandledDuring(() => fc.assert(property, { seed, numRuns: 150 }));
    expect(unhandled).toEqual([]);
  },
);
