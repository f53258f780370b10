import { describe, expectTypeOf, it } from 'vitest';
import { CacheManager, compose } from '../../src/index.js';
import {
  type Attachable,
  type CacheLike,
  type LLMCacheLike,
  type MemoryLike,
  type MetricStats,
  monitorPerformance,
  type OptimizerLike,
  type PerformanceMonitor,
  type ProcessorLike,
  type SeriesHandle,
  type TargetResult,
  type TimerEndEvent,
  type TimerStartEvent,
  type Unsubscribe,
} from '../../src/monitor/index.js';

interface Answer {
  readonly text: string;
}
declare const monitor: PerformanceMonitor;
declare const ask: (question: string, tries: number) => Promise<Answer>;
declare const count: (text: string) => number;
declare const stream: (question: string) => AsyncGenerator<string, void, undefined>;
declare const first: <T>(list: readonly T[]) => T | undefined;

describe('monitorPerformance', () => {
  it('keeps the whole type of functions of every kind', () => {
    expectTypeOf(monitorPerformance(monitor, 'ask')(ask)).toEqualTypeOf(ask);
    expectTypeOf(monitorPerformance(monitor, 'count')(count)).toEqualTypeOf(count);
    expectTypeOf(monitorPerformance(monitor, 'stream')(stream)).toEqualTypeOf(stream);
    const generic = monitorPerformance(monitor, 'first', { kind: 'generic' })(first);
    expectTypeOf(generic([1])).toEqualTypeOf<number | undefined>();
    expectTypeOf(generic(['a'])).toEqualTypeOf<string | undefined>();
  });

  it('makes labels of arguments and result, of some of them or of none', () => {
    const byQuestion = monitorPerformance(monitor, 'ask', ([question]: [string]) => ({ long: question.length > 9 }));
    expectTypeOf(byQuestion(ask)).toEqualTypeOf(ask);
    const byResult = monitorPerformance(monitor, 'ask', (_args, answer: Answer | undefined) => ({
      empty: answer?.text === '',
    }));
    expectTypeOf(byResult(ask)).toEqualTypeOf(ask);
    expectTypeOf(monitorPerformance(monitor, 'ask', () => ({ a: 1 }))(ask)).toEqualTypeOf(ask);
  });

  it('refuses a function that the labels callback can not read', () => {
    // @ts-expect-error the first argument is a string
    monitorPerformance(monitor, 'ask', ([tries]: [number]) => ({ tries }))(ask);
    // @ts-expect-error the result is an answer
    monitorPerformance(monitor, 'ask', (_args, rows: string[] | undefined) => ({ rows: rows?.length ?? 0 }))(ask);
    // @ts-expect-error labels are strings, numbers or booleans
    monitorPerformance(monitor, 'ask', () => ({ at: new Date() }))(ask);
    // @ts-expect-error no function
    monitorPerformance(monitor, 'ask')(7);
  });

  it('takes labels that are typed by an interface, and the example of its documentation', () => {
    interface RouteLabels {
      readonly route: string;
      cached?: boolean;
    }
    const route: RouteLabels = { route: '/' };
    expectTypeOf(monitorPerformance(monitor, 'ask', route)(ask)).toEqualTypeOf(ask);
    expectTypeOf(monitorPerformance(monitor, 'ask', () => route)(ask)).toEqualTypeOf(ask);
    const example = monitorPerformance(monitor, 'ask', ([question]: [string]) => ({ long: question.length > 200 }))(
      ask,
    );
    expectTypeOf(example).toEqualTypeOf(ask);
    interface Dated {
      readonly at: Date;
    }
    const dated: Dated = { at: new Date() };
    // @ts-expect-error a date is no label
    monitorPerformance(monitor, 'ask', dated);
    // @ts-expect-error nor is one that a callback makes
    monitorPerformance(monitor, 'ask', () => dated);
    // @ts-expect-error they have to be known at once
    monitorPerformance(monitor, 'ask', async () => route);
    // @ts-expect-error no labels
    monitorPerformance(monitor, 'ask', 'fast');
    // @ts-expect-error no labels
    monitorPerformance(monitor, 'ask', ['fast']);
  });

  it('composes with other wrappers', () => {
    expectTypeOf(compose(ask, monitorPerformance(monitor, 'ask'))).toEqualTypeOf(ask);
  });

  it('decorates methods of every kind, by the monitor of their instance', () => {
    class Service {
      readonly monitor = monitor;
      @monitorPerformance((self: Service) => self.monitor, 'load')
      async load(year: number): Promise<number> {
        return year;
      }
      @monitorPerformance(monitor, 'add')
      add(a: number, b: number): number {
        return a + b;
      }
    }
    expectTypeOf(new Service().load).toEqualTypeOf<(year: number) => Promise<number>>();
    class Other {
      // @ts-expect-error Other has no monitor
      @monitorPerformance((self: Service) => self.monitor, 'load')
      async load(): Promise<number> {
        return 1;
      }
    }
    expectTypeOf(new Other().load).returns.resolves.toEqualTypeOf<number>();
  });
});

describe('the monitor', () => {
  it('answers what the function answers', () => {
    expectTypeOf(monitor.time('a', () => 5)).toEqualTypeOf<number>();
    expectTypeOf(monitor.time('a', async () => 'x')).toEqualTypeOf<Promise<string>>();
    expectTypeOf(monitor.series('a', { b: 1 }, { unit: 'ratio' })).toEqualTypeOf<SeriesHandle>();
    expectTypeOf(monitor.getMetricStats('a', { window: '5m', labels: { b: '' } })).toEqualTypeOf<MetricStats | null>();
    expectTypeOf(monitor.checkPerformanceTargets()['responseTimeP95']).toEqualTypeOf<TargetResult | undefined>();
  });

  it('refuses units, windows and labels that there are not', () => {
    // @ts-expect-error no such unit
    monitor.series('a', undefined, { unit: 'hours' });
    // @ts-expect-error no such duration
    monitor.getMetricStats('a', { window: '5 minutes' });
    // @ts-expect-error a label is no object
    monitor.startTimer('a', { user: {} });
  });
});

describe('attach', () => {
  const cache = new CacheManager<Answer>({ namespace: 'answers' });

  it('takes a CacheManager of any values, and objects of the shapes that are declared', () => {
    expectTypeOf(cache).toExtend<CacheLike>();
    expectTypeOf<CacheManager>().toExtend<Attachable>();
    expectTypeOf<CacheLike | LLMCacheLike | ProcessorLike | MemoryLike | OptimizerLike>().toExtend<Attachable>();
    expectTypeOf(monitor.attach({ cache, other: new CacheManager() })).toEqualTypeOf<Unsubscribe>();
    class Queue {
      readonly name = 'work';
      stats(): { active: number; queued: number; workers: string[] } {
        return { active: 1, queued: 2, workers: [] };
      }
    }
    class Responses {
      async getOrGenerate(prompt: string, generate: () => Promise<Answer>): Promise<Answer> {
        return prompt === '' ? { text: '' } : generate();
      }
      stats(): { hits: number; misses: number; missReasons: { absent: number } } {
        return { hits: 1, misses: 1, missReasons: { absent: 1 } };
      }
    }
    class Rewriter {
      optimize(sql: string, options: { readonly limit: number }): string {
        return `${sql} LIMIT ${options.limit}`;
      }
    }
    const counted = { stats: () => ({ hits: 1, misses: 2, evictions: 3 }) };
    const memory = { checkMemoryUsage: () => ({ fraction: 0.5, level: 'normal' as const }) };
    monitor.attach({ queue: new Queue(), llm: new Responses(), sql: new Rewriter(), counted, memory });
    const named: Record<string, CacheManager> = {};
    monitor.attach(named);
  });

  it('refuses what it would not recognise', () => {
    // @ts-expect-error nothing is known of it
    monitor.attach({ cache: {} });
    // @ts-expect-error it counts no misses
    monitor.attach({ cache: { stats: () => ({ hits: 1 }) } });
    // @ts-expect-error figures that are no numbers
    monitor.attach({ cache: { stats: () => ({ hits: '1', misses: '2' }) } });
    // @ts-expect-error it has no name
    monitor.attach(cache);
  });
});

describe('events of timers', () => {
  it('have the types of what is published', () => {
    expectTypeOf<TimerEndEvent>().toExtend<TimerStartEvent>();
    expectTypeOf<TimerStartEvent['id']>().toEqualTypeOf<number>();
    expectTypeOf<TimerEndEvent['cache']>().toEqualTypeOf<'hit' | 'miss' | undefined>();
  });
});

describe('options of calls', () => {
  it('that are misspelt are refused', () => {
    // @ts-expect-error units is an option of the monitor
    monitor.series('a', undefined, { units: 'ms' });
    // @ts-expect-error no such option
    monitor.dashboard({ authorise: () => true });
    // @ts-expect-error no such option
    monitor.startTimer('a').end({ eror: 1 });
  });
});
