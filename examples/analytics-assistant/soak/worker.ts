// The built library by its path: this folder has a package.json of its own, so `from 'hotpath'` does not reach the root.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AsyncProcessor,
  CacheManager,
  type LeakReport,
  type LeakSuspect,
  MemoryManager,
  PerformanceMonitor,
} from '../../../dist/index.js';
import { ask, type Steps } from '../assistant/ask.ts';
import { cachedSteps, meteredSteps, monitoredSteps, processedSteps } from '../columns/hotpath.ts';
import { collectGarbage } from './collect-garbage.ts';
import { growthOf, HeapPoints, oldGenerationMb } from './heap-points.ts';
import { PlantedLeak } from './planted-leak.ts';
import { playedSteps } from './played-world.ts';
import type { FromSoak, ReportedLeak, SoakJob, SoakResult } from './soak-run.ts';
import { traffic } from './traffic.ts';

const WARM_UP_POLL_MS = 100;
/** A cache that is not full by then will never be: the verdict says so. */
const MOST_WARM_UP_MS = 180_000;
const PROFILE_MS = 4_000;
/** A run with a leak goes on for so long after the report: until the profile of it is there. */
const AFTER_REPORT_MS = PROFILE_MS + 1_000;

process.on('disconnect', () => process.exit(0));
process.once('message', async (job: SoakJob) => {
  const result = await new Soak(job).run();
  process.send?.({ kind: 'result', result } satisfies FromSoak, undefined, undefined, () => process.exit(0));
});

/** The assistant under load, with all modules on, for as long as the job says. */
class Soak {
  readonly #job: SoakJob;
  readonly #startedAt = performance.now();
  readonly #cache: CacheManager;
  readonly #memory: MemoryManager;
  readonly #processor: AsyncProcessor;
  readonly #monitor = new PerformanceMonitor({ operation: 'step' });
  readonly #leak: PlantedLeak;
  readonly #leaks: ReportedLeak[] = [];
  readonly #suspects: LeakSuspect[] = [];
  readonly #peak = { fraction: 0, heapMb: 0, rssMb: 0 };
  #requests = 0;
  #errors = 0;
  #firstError: string | undefined;
  #emptied = 0;
  #troubles = 0;
  /** When the warm-up was over. */
  #warmAtMs: number | undefined;
  #endsAtMs = Number.POSITIVE_INFINITY;

  constructor(job: SoakJob) {
    this.#job = job;
    this.#cache = new CacheManager({ namespace: 'assistant', ttl: '1h', memory: { maxEntries: job.maxEntries } });
    this.#memory = new MemoryManager();
    this.#processor = new AsyncProcessor({ concurrency: job.users, retry: 3, timeout: '30s' });
    this.#leak = new PlantedLeak(job.leakMbPer1000);
  }

  async run(): Promise<SoakResult> {
    const { windowMs, emptyEveryMs } = this.#job;
    this.#memory.register('cache', this.#cache);
    this.#memory.on('leak', (report) => this.#onLeak(report));
    this.#memory.on('error', () => {
      this.#troubles += 1;
    });
    this.#memory.on('leak:profile', ({ suspects }) => this.#suspects.push(...suspects));
    this.#memory.start();
    const watch = this.#memory.watchLeaks({ window: windowMs, profile: PROFILE_MS });
    const looking = setInterval(() => this.#look(), 1_000);

    const users = this.#users();
    const warmAtMs = await this.#warmUp();
    const before = this.#cache.stats();
    const requestsBefore = this.#requests;
    const points = new HeapPoints(() => this.#elapsedMs());
    const emptying = emptyEveryMs === undefined ? undefined : setInterval(() => this.#empty(), emptyEveryMs);
    await users;

    const seconds = (this.#elapsedMs() - warmAtMs) / 1_000;
    const heapPoints = points.end();
    watch.stop();
    clearInterval(looking);
    clearInterval(emptying);
    const { levelChanges, trims, forcedCollections, refused } = this.#memory.stats();
    const { heapLimitMb } = this.#memory.checkMemoryUsage();
    const { hits, misses, entries, bytes, evictions } = this.#cache.stats();
    await collectGarbage();
    const collectedMb = oldGenerationMb();
    // Not before: what is measured must still be there.
    await Promise.all([this.#memory.close(), this.#monitor.close(), this.#processor.close(), this.#cache.close()]);
    return {
      seconds,
      requests: this.#requests - requestsBefore,
      errors: this.#errors,
      firstError: this.#firstError,
      refused,
      entries,
      cacheMb: bytes / 2 ** 20,
      evictions: evictions - before.evictions,
      hitRate: (hits - before.hits) / (hits + misses - before.hits - before.misses),
      emptied: this.#emptied,
      points: heapPoints,
      ...growthOf(heapPoints),
      collectedMb,
      keptMb: this.#leak.keptMb,
      leaks: this.#leaks,
      suspects: this.#suspects,
      levelChanges,
      trims,
      collectionsOnPurpose: forcedCollections,
      troubles: this.#troubles,
      peakFraction: this.#peak.fraction,
      peakHeapMb: this.#peak.heapMb,
      heapLimitMb,
      peakRssMb: this.#peak.rssMb,
    };
  }

  /** Until the cache is at its bound and has been renewed once, and for a while at least. Returns when that was. */
  async #warmUp(): Promise<number> {
    const { warmUpMs, maxEntries, soakMs } = this.#job;
    const isOver = (): boolean => {
      const elapsedMs = this.#elapsedMs();
      return elapsedMs > MOST_WARM_UP_MS || (elapsedMs > warmUpMs && this.#cache.stats().evictions >= maxEntries);
    };
    while (!isOver()) await sleep(WARM_UP_POLL_MS);
    this.#warmAtMs = this.#elapsedMs();
    this.#endsAtMs = this.#warmAtMs + soakMs;
    return this.#warmAtMs;
  }

  #users(): Promise<unknown> {
    const { seed, scale, users } = this.#job;
    const questions = traffic(seed);
    const metered = meteredSteps(playedSteps({ seed, scale }), this.#memory);
    const steps = monitoredSteps(cachedSteps(processedSteps(metered, this.#processor), this.#cache), this.#monitor);
    return Promise.all(Array.from({ length: users }, () => this.#user(questions, steps)));
  }

  async #user(questions: Generator<string, never>, steps: Steps): Promise<void> {
    while (this.#elapsedMs() < this.#endsAtMs) {
      const question = questions.next().value;
      try {
        if (this.#memory.admit()) await ask(steps, question);
      } catch (error) {
        this.#errors += 1;
        this.#firstError ??= String(error);
      }
      this.#requests += 1;
      if (this.#warmAtMs !== undefined) this.#leak.keep();
      await sleep(this.#job.thinkMs * (0.5 + Math.random()));
    }
  }

  #onLeak(report: LeakReport): void {
    const { what, mbPerMinute, lowestMbPerMinute, highestMbPerMinute, confidence, points } = report;
    const afterMs = this.#elapsedMs() - (this.#warmAtMs ?? Number.POSITIVE_INFINITY);
    const keptMbPerMinute = (this.#leak.keptMb * 60_000) / afterMs;
    this.#leaks.push({
      what,
      afterMs,
      mbPerMinute,
      lowestMbPerMinute,
      highestMbPerMinute,
      confidence,
      points,
      keptMbPerMinute,
    });
    // A leak that goes on to the end would take all of the heap.
    if (this.#job.leakMbPer1000 > 0) this.#endsAtMs = Math.min(this.#endsAtMs, this.#elapsedMs() + AFTER_REPORT_MS);
  }

  #look(): void {
    const { fraction, heapUsedMb, rssMb } = this.#memory.checkMemoryUsage();
    this.#peak.fraction = Math.max(this.#peak.fraction, fraction);
    this.#peak.heapMb = Math.max(this.#peak.heapMb, heapUsedMb);
    this.#peak.rssMb = Math.max(this.#peak.rssMb, rssMb);
    const elapsedMs = this.#elapsedMs();
    process.send?.({ kind: 'progress', elapsedMs, requests: this.#requests } satisfies FromSoak);
  }

  #empty(): void {
    this.#emptied += 1;
    void this.#cache.clear();
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }
}
