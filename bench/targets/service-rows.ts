import type { TargetResult } from '../../src/monitor/index.js';
import { QUESTIONS, REQUESTS_PER_SECOND } from '../service/workload.js';
import { runChild } from './run-child.js';
import type { Measured, NotMeasured, TargetRow } from './target-row.js';

interface ServiceRun {
  /** What `checkPerformanceTargets()` of the service's own monitor said at the end. */
  readonly targets: Readonly<Record<string, TargetResult>>;
  readonly requests: number;
  /** Of the recorded times themselves, to hold the monitor's figure to. */
  readonly exactP95Ms: number;
  readonly p95WithoutMs: number;
  readonly frequentQuestions: number;
  readonly questions: number;
  readonly hitRateOfAll: number;
  readonly memory: number;
  readonly processCpu: number;
  readonly eventLoop: number;
  readonly limitSource: string;
  readonly coresSource: string;
}

/** The rows that one run of a service under load answers. The run is made once, by the first row that asks. */
export function serviceRows(seconds: number): TargetRow[] {
  let run: Promise<ServiceRun> | undefined;
  const service = (): Promise<ServiceRun> => {
    run ??= runChild<ServiceRun>('service-child.ts', ['--max-old-space-size=512'], [String(seconds)]);
    return run;
  };
  const row = (
    name: string,
    target: string,
    key: string,
    describe: (actual: number, run: ServiceRun) => Omit<Measured, 'met'>,
  ): TargetRow => ({
    name,
    target,
    async measure(): Promise<Measured | NotMeasured> {
      const measured = await service();
      const { actual, met, reason } = measured.targets[key]!;
      if (actual === null || met === null) return { notMeasured: reason ?? 'no data' };
      return { ...describe(actual, measured), met };
    },
  });
  const load = `${REQUESTS_PER_SECOND} requests a second for ${seconds} s, ${QUESTIONS} questions by Zipf's law, cold start`;
  return [
    row(
      'Response time',
      'P95 <= 3 s (with caching)',
      'responseTimeP95',
      (actual, { p95WithoutMs, exactP95Ms, requests }) => ({
        actual: `${seconds3(actual)} (exact: ${seconds3(exactP95Ms)}; their model calls as drawn: ${seconds3(p95WithoutMs)})`,
        how: `${requests} requests: ${load}; a model of 1.5 s in the middle, waited for in real time`,
      }),
    ),
    row('Throughput', '100+ requests a minute', 'throughputPerMinute', (actual) => ({
      actual: `${Math.round(actual).toLocaleString('en-US')} a minute`,
      how: 'requests of that run that ended, while as many were asked for',
    })),
    row('Memory usage', '< 80 % of what is available', 'memoryUsage', (actual, { limitSource }) => ({
      actual: `${percent(actual)} of the heap limit or of memory (${limitSource}), whichever is more`,
      how: 'highest reading of that run, ten a second, with --max-old-space-size=512',
    })),
    row('CPU usage', '< 80 % of what is available', 'cpuUsage', (actual, { eventLoop, processCpu, coresSource }) => ({
      actual: `${percent(actual)} (event loop ${percent(eventLoop)}, process ${percent(processCpu)} of its cores, by ${coresSource})`,
      how: 'mean of that run, from start to last answer',
    })),
    row('Cache hit rate', '> 90 % for frequently accessed data', 'hitRate', (actual, run) => ({
      actual: `${percent(actual)} on the ${run.frequentQuestions} questions asked at least ten times a minute (all ${run.questions}: ${percent(run.hitRateOfAll)})`,
      how: 'that run, its cold start included: the first asking of each is a miss, and a call that waits for the load of another is no hit',
    })),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function seconds3(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
