// The built library by its path: this folder has a package.json of its own, so `from 'hotpath'` does not reach the root.
import { AsyncLocalStorage } from 'node:async_hooks';
import { CacheManager, PerformanceMonitor, type Timer } from '../../../dist/index.js';
import type { Steps } from '../assistant/ask.ts';
import { databaseStep } from '../assistant/database-step.ts';
import { modelSteps } from '../assistant/model-steps.ts';
import { cachedSteps } from '../columns/hotpath.ts';
import { Timeline } from '../measure/timeline.ts';

/** The assistant as a service: cached, monitored, and measured request by request. */
export interface Service {
  readonly monitor: PerformanceMonitor;
  /** Runs one request on the service's steps. */
  request(run: (steps: Steps) => Promise<string>): Promise<string>;
  close(): Promise<void>;
}

export function openService(world: { readonly modelUrl: string; readonly databaseUrl: string }): Service {
  const cache = new CacheManager({ namespace: 'assistant', ttl: '10m', memory: { maxEntries: 10_000 } });
  const monitor = new PerformanceMonitor({
    targets: { ofModel: { metric: 'model', stat: 'p95', max: '4s' } },
  });
  monitor.attach({ cache });
  monitor.alert({
    name: 'slow requests',
    metric: 'request',
    when: { above: '3s' },
    window: '1m',
    for: '10s',
    keepFiring: '30s',
    minCount: 20,
  });
  monitor.alert({ name: 'slow model', metric: 'model', stat: 'p50', when: { above: '1s' }, window: '1m', minCount: 5 });
  monitor.mark('start', { service: 'assistant' });

  const timeline = new Timeline(1);
  const bare: Steps = { ...modelSteps(world.modelUrl, timeline), ...databaseStep(world.databaseUrl, timeline) };
  const steps = cachedSteps(counted(bare, monitor), cache);

  return {
    monitor,
    async request(run) {
      const timer = monitor.startTimer('request');
      const own = { loads: 0 };
      try {
        const answer = await REQUEST.run(own, () => run(staged(steps, timer)));
        timer.end({ cache: own.loads === 0 ? 'hit' : 'miss' });
        return answer;
      } catch (error) {
        timer.end({ error });
        throw error;
      }
    },
    async close() {
      await monitor.close();
      await cache.close();
    },
  };
}

/** Which request a call is made for: one that made none was answered by the cache. */
const REQUEST = new AsyncLocalStorage<{ loads: number }>();

function counted(steps: Steps, monitor: PerformanceMonitor): Steps {
  const timed = <T>(name: string, labels: Record<string, string>, call: () => Promise<T>): Promise<T> => {
    const request = REQUEST.getStore();
    if (request) request.loads += 1;
    return monitor.time(name, call, labels);
  };
  return {
    writeSql: (question) => timed('model', { step: 'writeSql' }, () => steps.writeSql(question)),
    runSql: (sql) => timed('database', {}, () => steps.runSql(sql)),
    writeAnswer: (question, rows) => timed('model', { step: 'writeAnswer' }, () => steps.writeAnswer(question, rows)),
  };
}

function staged(steps: Steps, timer: Timer): Steps {
  return {
    writeSql: (question) => {
      timer.annotate({ question });
      timer.stage('write SQL');
      return steps.writeSql(question);
    },
    runSql: (sql) => {
      timer.stage('run SQL');
      return steps.runSql(sql);
    },
    writeAnswer: (question, rows) => {
      timer.stage('write answer');
      return steps.writeAnswer(question, rows);
    },
  };
}
