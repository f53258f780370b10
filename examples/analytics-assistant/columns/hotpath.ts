// The built library by its path: this folder has a package.json of its own, so `from 'hotpath'` does not reach the root.
import {
  AsyncProcessor,
  CacheManager,
  cacheResult,
  MemoryManager,
  monitorMemory,
  monitorPerformance,
  PerformanceMonitor,
} from '../../../dist/index.js';
import type { Attempt, Steps } from '../assistant/ask.ts';
import { settings } from '../settings.ts';

/** What modules that are on already have for those that come after them. */
export interface SwitchedOn {
  memory?: MemoryManager;
}

export interface HotpathModule {
  readonly name: string;
  switchOn(steps: Steps, others: SwitchedOn): Steps;
}

/** The modules of hotpath that the assistant uses, innermost first. Each later module gets its switch here. */
export const hotpathModules: readonly HotpathModule[] = [
  { name: 'memory', switchOn: withMemory },
  { name: 'async', switchOn: withProcessor },
  { name: 'cache', switchOn: withCache },
  { name: 'monitor', switchOn: (steps) => monitoredSteps(steps, new PerformanceMonitor()) },
];

/** About what a call uses. It is settled with what the model says. */
const TOKENS = 300;

/** The limits of a model, in minutes of the scaled world. Eight users come nowhere near them. */
function withProcessor(steps: Steps): Steps {
  const { scale, users } = settings();
  const rateLimit = { requestsPerMinute: 5_000, tokensPerMinute: 2_000_000, window: 60_000 / scale };
  return processedSteps(steps, new AsyncProcessor({ concurrency: users, retry: 3, timeout: '30s', rateLimit }));
}

/** Both model calls through one processor: so many at once, within the limits, and tried again when the model says so. */
export function processedSteps(steps: Steps, processor: AsyncProcessor): Steps {
  const attempts = (call: (attempt: Attempt) => Promise<string>): Promise<string> => {
    const askedAt = performance.now();
    return processor.run(({ signal, attempt, settle }) => call({ signal, number: attempt, askedAt, used: settle }), {
      tokens: TOKENS,
    });
  };
  return {
    writeSql: (question) => attempts((attempt) => steps.writeSql(question, attempt)),
    runSql: steps.runSql,
    writeAnswer: (question, rows) => attempts((attempt) => steps.writeAnswer(question, rows, attempt)),
  };
}

function withCache(steps: Steps, { memory }: SwitchedOn): Steps {
  const cache = new CacheManager({ namespace: 'assistant', ttl: '1h', memory: { maxEntries: 10_000 } });
  memory?.register('answers', cache);
  return cachedSteps(steps, cache);
}

/**
 * Each step by what it depends on: the SQL by the question, the rows by the SQL, the answer by question and rows. So two
 * phrasings that lead to the same SQL share its rows, and after `cache.invalidateTags(['table:flights'])` only the rows, and
 * the answers whose rows have changed, are made anew.
 */
export function cachedSteps(steps: Steps, cache: CacheManager): Steps {
  return {
    writeSql: cacheResult(cache, { name: 'writeSql' })(steps.writeSql),
    runSql: cacheResult(cache, { name: 'runSql', tags: ['table:flights', 'table:airports'] })(steps.runSql),
    writeAnswer: cacheResult(cache, { name: 'writeAnswer' })(steps.writeAnswer),
  };
}

/** Each step timed, with its percentiles, its errors by type and the slowest of its calls. */
export function monitoredSteps(steps: Steps, monitor: PerformanceMonitor): Steps {
  return {
    writeSql: monitorPerformance(monitor, 'step', { step: 'writeSql' })(steps.writeSql),
    runSql: monitorPerformance(monitor, 'step', { step: 'runSql' })(steps.runSql),
    writeAnswer: monitorPerformance(monitor, 'step', { step: 'writeAnswer' })(steps.writeAnswer),
  };
}

/** Memory is watched, and what is registered later gives its own back when it runs short. */
function withMemory(steps: Steps, others: SwitchedOn): Steps {
  const memory = new MemoryManager();
  memory.start();
  others.memory = memory;
  return meteredSteps(steps, memory);
}

/** The memory that each call took: of one that ran alone its own, else what it took together with others. */
export function meteredSteps(steps: Steps, memory: MemoryManager): Steps {
  return {
    writeSql: monitorMemory(memory, { name: 'writeSql' })(steps.writeSql),
    runSql: monitorMemory(memory, { name: 'runSql' })(steps.runSql),
    writeAnswer: monitorMemory(memory, { name: 'writeAnswer' })(steps.writeAnswer),
  };
}
