// The built library by its path: this folder has a package.json of its own, so `from 'hotpath'` does not reach the root.
import { CacheManager, cacheResult, monitorPerformance, PerformanceMonitor } from '../../../dist/index.js';
import type { Steps } from '../assistant/ask.ts';

export interface HotpathModule {
  readonly name: string;
  switchOn(steps: Steps): Steps;
}

/** The modules of hotpath that the assistant uses, innermost first. Each later module gets its switch here. */
export const hotpathModules: readonly HotpathModule[] = [
  { name: 'cache', switchOn: withCache },
  { name: 'monitor', switchOn: (steps) => monitoredSteps(steps, new PerformanceMonitor()) },
];

function withCache(steps: Steps): Steps {
  return cachedSteps(steps, new CacheManager({ namespace: 'assistant', ttl: '1h', memory: { maxEntries: 10_000 } }));
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
