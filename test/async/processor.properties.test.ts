import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { unhandledDuring } from '../monitor/unhandled-rejections.js';
import { seedOf } from '../random.js';
import { ITEMS, type JobPlan, LAYERS, PlannedJob } from './planned-job.js';

const RUNS = 120;

const jobPlan: fc.Arbitrary<JobPlan> = fc.record({
  kind: fc.constantFrom('process' as const, 'stream' as const, 'ordered' as const, 'run' as const),
  items: fc.nat(ITEMS - 1),
  isAsync: fc.boolean(),
  onError: fc.constantFrom('throw' as const, 'settle' as const, 'settle' as const, 'skip' as const),
  group: fc.constantFrom('', '', 'a', 'b'),
});

const world = fc.record({
  concurrency: fc.integer({ min: 1, max: 6 }),
  layers: fc.constantFrom(...LAYERS),
  jobs: fc.array(jobPlan, { minLength: 1, maxLength: 4 }),
  /** Which of the calls under way ends next, and how. */
  ends: fc.array(fc.record({ at: fc.nat(), fails: fc.constantFrom(true, false, false, false) }), {
    minLength: 1,
    maxLength: 40,
  }),
});

describe('several batches, streams and calls on one processor, ended in any order', () => {
  it('are never above the concurrency; each input has one outcome, in order; nothing is left', async () => {
    const property = fc.asyncProperty(world, async ({ concurrency, layers, jobs: plans, ends }) => {
      const clock = new ManualClock();
      const processor = new AsyncProcessor({ ...layers, concurrency, clock });
      const jobs = plans.map((plan, id) => new PlannedJob(id, plan, processor, concurrency));
      const running = () => jobs.flatMap((job) => job.calls.running);
      for (let step = 0; jobs.some((job) => !job.isOver); step++) {
        await flushMicrotasks();
        const now = running();
        expect(now.length).toBeLessThanOrEqual(concurrency);
        expect(processor.stats().active).toBe(now.length);
        for (const job of jobs) job.checkUnderWay();
        if (now.length === 0) {
          // Waits for a backoff, or for a slot that is kept free for a group.
          await clock.advanceAsync(1_000);
          continue;
        }
        const { at, fails } = ends[step % ends.length]!;
        const job = jobs.find(({ calls }) => calls.running.includes(now[at % now.length]!))!;
        job.end(now[at % now.length]!, fails);
      }
      for (const job of jobs) await job.checkEnd();
      await processor.drain();
      expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
      await processor.close();
    });
    const seed = seedOf('processor: several jobs');
    const unhandled = await unhandledDuring(() => fc.assert(property, { seed, numRuns: RUNS }));
    expect(unhandled).toEqual([]);
  });
});

describe('a concurrency that follows the service', () => {
  it('starts nothing while more calls run than it has come down to, uses what it has grown to, and stays within its bounds', async () => {
    const bounds = fc.record({ min: fc.integer({ min: 1, max: 4 }), span: fc.nat(12), isLow: fc.boolean() });
    const ends = fc.array(fc.record({ at: fc.nat(), end: fc.constantFrom('ok', 'ok', 'ok', 'overload', 'bad') }), {
      minLength: 1,
      maxLength: 60,
    });
    const property = fc.asyncProperty(bounds, ends, async ({ min, span, isLow }, steps) => {
      const clock = new ManualClock();
      const max = min + span;
      const initial = isLow ? min : max;
      const processor = new AsyncProcessor({ concurrency: { adaptive: true, min, max, initial }, clock });
      const plans: JobPlan[] = [
        { kind: 'process', items: 40, isAsync: false, onError: 'settle', group: '' },
        { kind: 'stream', items: 20, isAsync: true, onError: 'settle', group: '' },
        { kind: 'run', items: 20, isAsync: false, onError: 'settle', group: '' },
      ];
      const jobs = plans.map((plan, id) => new PlannedJob(id, plan, processor, max));
      for (let step = 0; jobs.some((job) => !job.isOver); step++) {
        await flushMicrotasks();
        const before = jobs.flatMap((job) => job.calls.running);
        if (before.length === 0) {
          await clock.advanceAsync(1_000);
          continue;
        }
        const { at, end } = steps[step % steps.length]!;
        const call = before[at % before.length]!;
        const underWay = jobs[0]!.underWay - (jobs[0]!.calls.running.includes(call) ? 1 : 0);
        const job = jobs.find(({ calls }) => calls.running.includes(call))!;
        job.end(call, end !== 'ok', end === 'overload' ? Object.assign(new Error('busy'), { status: 503 }) : undefined);
        await flushMicrotasks();
        const { limit, active } = processor.stats();
        expect(limit).toBeGreaterThanOrEqual(min);
        expect(limit).toBeLessThanOrEqual(max);
        expect(active).toBeLessThanOrEqual(Math.max(limit, before.length - 1));
        // Nor is more pulled than may be under way by now.
        expect(jobs[0]!.underWay).toBeLessThanOrEqual(Math.max(limit, underWay));
        // No slot stays free while the batch has more to do.
        expect(active >= limit || jobs[0]!.calls.begun.length === 40).toBe(true);
      }
      for (const job of jobs) await job.checkEnd();
      await processor.close();
    });
    const seed = seedOf('processor: adaptive');
    await fc.assert(property, { seed, numRuns: 60 });
  });
});
