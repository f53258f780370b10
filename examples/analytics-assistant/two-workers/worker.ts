// The built library by its path: this folder has a package.json of its own, so `from 'hotpath'` does not reach the root.
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheManager, type CacheStats } from '../../../dist/index.js';
import { ask } from '../assistant/ask.ts';
import { databaseStep } from '../assistant/database-step.ts';
import { modelSteps } from '../assistant/model-steps.ts';
import { cachedSteps } from '../columns/hotpath.ts';
import { Timeline } from '../measure/timeline.ts';
import { CallLedger, type SavedCall } from './call-ledger.ts';
import { publishEdition, readAnswer, withEdition } from './editions.ts';
import { monotonicMs } from './monotonic.ts';
import { COORDINATION, REDIS_BREAKER } from './tuning.ts';

export interface WorkerJob {
  readonly kind: 'start';
  /** Asked in turn, again from the front after the last. */
  readonly questions: readonly string[];
  readonly users: number;
  /** How long a user looks at an answer before asking again. */
  readonly thinkMs: number;
  readonly modelUrl: string;
  readonly databaseUrl: string;
  readonly scale: number;
  /** Absent: no shared tier. */
  readonly redisUrl?: string;
}

/** `go`: begin to ask. `publish`: change the data. `changed`: somebody else has. */
export type ToWorker = WorkerJob | { readonly kind: 'go' | 'publish' | 'changed' | 'end' };

/** One request. Times are of the clock that all processes share. */
export interface Answered {
  readonly question: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly modelCalls: number;
  readonly sqlRuns: number;
  /** The edition its answer was made from, and the answer without it; NaN and the message where the caller got an error. */
  readonly edition: number;
  readonly text: string;
  readonly failed: boolean;
}

/** A data change that this worker made, and announced by invalidating the tag of the table. */
export interface Change {
  readonly edition: number;
  readonly calledAt: number;
  readonly remote: 'done' | 'queued';
  /** When Redis had it; undefined where it never got it. */
  confirmedAt: number | undefined;
}

export interface WorkerResult {
  readonly kind: 'result';
  readonly answered: readonly Answered[];
  readonly saved: readonly SavedCall[];
  readonly changes: readonly Change[];
  /** When Redis was given up for a while, and taken back. */
  readonly downAt: readonly number[];
  readonly upAt: readonly number[];
  readonly stats: CacheStats;
}

const CHANGED = ['table:flights'];
const CONFIRMATION_POLL_MS = 5;

process.on('disconnect', () => process.exit(0));
process.once('message', (job: WorkerJob) => void new Worker(job).run());

class Worker {
  readonly #job: WorkerJob;
  readonly #cache: CacheManager;
  readonly #answered: Answered[] = [];
  readonly #changes: Change[] = [];
  readonly #downAt: number[] = [];
  readonly #upAt: number[] = [];
  #ended = false;

  constructor(job: WorkerJob) {
    this.#job = job;
    this.#cache = new CacheManager({
      namespace: 'analytics-assistant',
      ttl: '1h',
      memory: { maxEntries: 10_000 },
      ...(job.redisUrl && {
        remote: { store: job.redisUrl, breaker: REDIS_BREAKER },
        coordinator: COORDINATION,
      }),
    });
    this.#cache.on('remote:down', () => this.#downAt.push(monotonicMs()));
    this.#cache.on('remote:up', () => this.#upAt.push(monotonicMs()));
  }

  async run(): Promise<void> {
    const { modelUrl, databaseUrl, scale, users } = this.#job;
    const timeline = new Timeline(scale);
    const ledger = new CallLedger();
    const expensive = { ...modelSteps(modelUrl, timeline), ...databaseStep(databaseUrl, timeline, withEdition) };
    const steps = ledger.serving(cachedSteps(ledger.paying(expensive), this.#cache));

    await this.#cache.ready();
    const go = new Promise<void>((resolve) => {
      process.on('message', (message: ToWorker) => message.kind === 'go' && resolve());
    });
    process.on('message', (message: ToWorker) => {
      if (message.kind === 'publish') void this.#publish();
      if (message.kind === 'changed') void this.#cache.invalidateTags(CHANGED);
      if (message.kind === 'end') this.#ended = true;
    });
    process.send?.({ kind: 'ready' });
    await go;

    let next = 0;
    const nextQuestion = () => this.#job.questions[next++ % this.#job.questions.length] as string;
    await Promise.all(Array.from({ length: users }, () => this.#user(nextQuestion, timeline, steps)));
    await this.#cache.close();
    const result: WorkerResult = {
      kind: 'result',
      answered: this.#answered,
      saved: ledger.saved,
      changes: this.#changes,
      downAt: this.#downAt,
      upAt: this.#upAt,
      stats: this.#cache.stats(),
    };
    process.send?.(result, undefined, undefined, () => process.exit(0));
  }

  async #user(nextQuestion: () => string, timeline: Timeline, steps: Parameters<typeof ask>[0]): Promise<void> {
    while (!this.#ended) {
      const question = nextQuestion();
      const startedAt = monotonicMs();
      try {
        const { answer, trace } = await timeline.request(steps, (metered) => ask(metered, question));
        const { modelCalls, sqlRuns } = trace;
        const endedAt = monotonicMs();
        this.#answered.push({
          question,
          startedAt,
          endedAt,
          modelCalls,
          sqlRuns,
          ...readAnswer(answer),
          failed: false,
        });
      } catch (error) {
        const trouble = { edition: Number.NaN, text: String(error), failed: true };
        this.#answered.push({ question, startedAt, endedAt: monotonicMs(), modelCalls: 0, sqlRuns: 0, ...trouble });
      }
      await sleep(this.#job.thinkMs);
    }
  }

  /** What the owner of the data does: change it, then say so. */
  async #publish(): Promise<void> {
    const edition = await publishEdition(this.#job.databaseUrl);
    const calledAt = monotonicMs();
    const { remote } = await this.#cache.invalidateTags(CHANGED);
    process.send?.({ kind: 'changed' });
    const change: Change = { edition, calledAt, remote, confirmedAt: remote === 'done' ? monotonicMs() : undefined };
    this.#changes.push(change);
    while (change.confirmedAt === undefined && !this.#ended) {
      await sleep(CONFIRMATION_POLL_MS);
      if (this.#cache.stats().remote?.unconfirmed === 0) change.confirmedAt = monotonicMs();
    }
  }
}
