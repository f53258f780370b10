import type { CacheFigures, LLMCacheFigures, ProcessorFigures } from '../../src/monitor/attachments/attached-shapes.js';
import { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import type { ProcessReader } from '../../src/monitor/process-reader.js';
import type { Timer } from '../../src/monitor/timer.js';
import { ManualClock } from '../manual-clock.js';
import { SeededRandom } from '../random.js';

const MB = 1e6;

/** How the service does. Each may be changed while it runs. */
export interface ServiceState {
  requestsPerMinute: number;
  /** Factor on the model's time. */
  slowness: number;
  errorShare: number;
}

/**
 * An assistant that answers questions, on a manual clock: cached or in stages, with errors, at a load that rises and falls. Its
 * monitor has everything attached that a dashboard can show. The same seed makes the same history.
 */
export class SimulatedService {
  readonly clock: ManualClock = new ManualClock(28_333_333 * 60_000);
  readonly monitor: PerformanceMonitor;
  readonly state: ServiceState = { requestsPerMinute: 170, slowness: 1, errorShare: 0.01 };
  readonly #random: SeededRandom;
  readonly #answers = { hits: 0, misses: 0, exactHits: 0, semanticHits: 0, savedTokens: 0 };
  readonly #started = this.clock.now();
  #active = 0;
  #queued = 0;
  #completed = 0;
  #busyMs = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.monitor = new PerformanceMonitor({
      operation: 'ask',
      clock: this.clock,
      processReader: this.#processReader(),
      units: { prompt_bytes: 'bytes', similarity: 'ratio' },
      targets: { similarity: { metric: 'similarity', stat: 'mean', min: 0.7 } },
    });
    this.monitor.attach({
      documents: { getOrSet: () => undefined, stats: () => this.#cacheFigures() },
      answers: { getOrGenerate: () => undefined, stats: () => this.#answerFigures() },
      model: { process: () => undefined, drain: () => undefined, stats: () => this.#processorFigures() },
    });
    this.monitor.alert({ metric: 'ask', when: { above: '3s' }, for: '20s', severity: 'critical', minCount: 20 });
    this.monitor.alert({ target: 'memoryUsage', for: '1m' });
    this.monitor.alert({ metric: 'ask', stat: 'ratePerMinute', when: { above: 600 }, name: 'more than planned' });
  }

  /** Lets time pass, with its requests. */
  run(ms: number): void {
    const end = this.clock.now() + ms;
    while (this.clock.now() < end) {
      const step = Math.min(1_000, end - this.clock.now());
      const hours = (this.clock.now() - this.#started) / 3_600_000;
      const load = 1 + 0.35 * Math.sin(hours * 2 * Math.PI * 1.3) + 0.15 * Math.sin(hours * 2 * Math.PI * 7);
      for (let due = (this.state.requestsPerMinute * load * step) / 60_000; due > 0; due--) {
        if (this.#random.chance(Math.min(1, due))) this.clock.setTimer(() => this.#begin(), this.#random.next() * step);
      }
      this.clock.advance(step);
    }
  }

  #begin(): void {
    const timer = this.monitor.startTimer('ask');
    const embed = this.monitor.startTimer('embed', { model: 'small' });
    this.clock.setTimer(() => embed.end(), this.#around(9, 0.4));
    timer.annotate({ request: `r-${this.#random.below(1e6)}`, tenant: `t${this.#random.below(9)}` });
    if (this.#random.chance(0.52)) this.#answerFromCache(timer);
    else this.#answerAnew(timer);
  }

  #answerAnew(timer: Timer): void {
    this.#answers.misses++;
    timer.stage('retrieve');
    this.#after(this.#around(55, 0.5), () => {
      timer.stage('rerank');
      this.#after(this.#around(24, 0.4), () => this.#askModel(timer));
    });
  }

  #answerFromCache(timer: Timer): void {
    const semantic = this.#random.chance(0.2);
    this.#answers.hits++;
    this.#answers[semantic ? 'semanticHits' : 'exactHits']++;
    this.#answers.savedTokens += 380;
    timer.stage('lookup');
    this.#after(this.#around(semantic ? 14 : 3, 0.5), () => timer.end({ cache: 'hit' }));
  }

  #askModel(timer: Timer): void {
    timer.stage('model', { model: 'large' });
    this.#active++;
    this.#queued = Math.max(0, this.#active - 12);
    const tokens = Math.round(this.#around(320, 0.5));
    timer.annotate({ tokens, model: 'large' });
    const fails = this.#random.chance(this.state.errorShare);
    const ms = this.#around(760, 0.45) * this.state.slowness * (fails ? 4 : 1);
    this.#busyMs += 40;
    this.#after(ms, () => {
      this.#active--;
      this.#completed++;
      this.monitor.recordMetric('answer_tokens', tokens, { model: 'large' });
      this.monitor.recordMetric('prompt_bytes', Math.round(this.#around(7_400, 0.6)));
      this.monitor.recordMetric('similarity', 0.62 + 0.36 * this.#random.next());
      timer.stage('format');
      this.#after(this.#around(5, 0.3), () =>
        timer.end({
          cache: 'miss',
          ...(fails && { error: named(this.#random.pick(['TimeoutError', 'RateLimitError'])) }),
        }),
      );
    });
  }

  #after(ms: number, then: () => void): void {
    this.clock.setTimer(then, ms);
  }

  /** A log-normal time about a median. */
  #around(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#random.next())) * Math.cos(2 * Math.PI * this.#random.next());
    return median * Math.exp(spread * normal);
  }

  #answerFigures(): LLMCacheFigures {
    const threshold = Math.floor(this.#answers.misses * 0.2);
    return { ...this.#answers, missReasons: { absent: this.#answers.misses - threshold, threshold } };
  }

  #cacheFigures(): CacheFigures {
    const reads = this.#answers.misses;
    const hits = Math.floor(reads * 0.71);
    const remoteHits = Math.floor(hits * 0.19);
    const misses = reads - hits;
    const [absent, expired, tag] = [0.68, 0.2, 0.08].map((part) => Math.floor(misses * part)) as [
      number,
      number,
      number,
    ];
    return {
      ...{ hits, misses, memoryHits: hits - remoteHits, remoteHits, loads: misses, evictions: Math.floor(misses / 3) },
      ...{
        entries: Math.min(2_000, misses),
        bytes: Math.min(2_000, misses) * 9_400,
        savedMs: hits * 61,
        coalesced: 57,
      },
      missReasons: { absent, expired, tag, version: misses - absent - expired - tag },
      remote: { state: 'closed', bus: 'live' },
    };
  }

  #processorFigures(): ProcessorFigures {
    return {
      active: Math.min(12, this.#active),
      queued: this.#queued,
      limit: 12,
      completed: this.#completed,
      failed: 9,
      p95Ms: 1_900,
    };
  }

  #processReader(): ProcessReader {
    const elapsed = (): number => this.clock.now() - this.#started;
    const active = (): number => elapsed() * 0.09 + this.#busyMs * 2.4;
    const swing = (): number => Math.sin(elapsed() / 240_000) * 14 * MB;
    return {
      cpuMs: () => elapsed() * 0.08 + this.#busyMs * 3.1,
      loop: () => ({ idleMs: Math.max(0, elapsed() - active()), activeMs: active() }),
      heapUsed: () => 168 * MB + swing() + (elapsed() % 45_000) * 700,
      external: () => 11 * MB,
      rss: () => 318 * MB + swing() + elapsed() * 8,
      limits: {
        readFile: (path) => files[path],
        totalMemory: () => 16_000 * MB,
        constrainedMemory: () => undefined,
        parallelism: () => 2,
        heapLimit: () => 420 * MB,
      },
    };
  }
}

const files: Readonly<Record<string, string>> = {
  '/proc/self/cgroup': '0::/service\n',
  '/sys/fs/cgroup/service/memory.max': '536870912\n',
};

function named(name: string): Error {
  const error = new Error(`simulated ${name}`);
  error.name = name;
  return error;
}
