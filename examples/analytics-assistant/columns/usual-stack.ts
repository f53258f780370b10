import { createCache } from 'cache-manager';
import PQueue from 'p-queue';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Steps } from '../assistant/ask.ts';

const HOUR = 3_600_000;

/** cache-manager, p-queue and prom-client, wired as their READMEs say. */
export function usualStack(steps: Steps): Steps {
  const cache = createCache({ ttl: HOUR });
  const queue = new PQueue({ concurrency: 8 });
  const register = new Registry();
  collectDefaultMetrics({ register });
  const duration = new Histogram({
    name: 'assistant_step_seconds',
    help: 'Time a step took, hits included.',
    labelNames: ['step'],
    registers: [register],
  });
  const loads = new Counter({
    name: 'assistant_loads_total',
    help: 'Steps that were not answered from the cache.',
    labelNames: ['step'],
    registers: [register],
  });

  const improved = <Args extends unknown[], T>(step: string, original: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      const stop = duration.startTimer({ step });
      try {
        return await cache.wrap(`${step}:${JSON.stringify(args)}`, () => {
          loads.inc({ step });
          return queue.add(() => original(...args));
        });
      } finally {
        stop();
      }
    };
  };

  return {
    writeSql: improved('writeSql', steps.writeSql),
    runSql: improved('runSql', steps.runSql),
    writeAnswer: improved('writeAnswer', steps.writeAnswer),
  };
}
