import { describe, expectTypeOf, it } from 'vitest';
import { compose } from '../../src/index.js';
import {
  type MetricStats,
  monitorPerformance,
  type PerformanceMonitor,
  type SeriesHandle,
  type TargetResult,
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
