import type { ResourceUse } from '../service/resource-use.js';
import { QUESTIONS, REQUESTS_PER_SECOND } from '../service/workload.js';
import { runChild } from './run-child.js';
import type { TargetRow } from './target-row.js';

interface ServiceRun extends ResourceUse {
  readonly requests: number;
  readonly p95Ms: number;
  readonly p95WithoutMs: number;
  readonly perMinute: number;
  readonly asked: readonly { readonly requests: number; readonly hits: number }[];
}

/** The rows that one run of a service under load answers. The run is made once, by the first row that asks. */
export function serviceRows(seconds: number): TargetRow[] {
  let run: Promise<ServiceRun> | undefined;
  const service = (): Promise<ServiceRun> => {
    run ??= runChild<ServiceRun>('service-child.ts', ['--max-old-space-size=512'], [String(seconds)]);
    return run;
  };
  const load = `${REQUESTS_PER_SECOND} requests a second for ${seconds} s, ${QUESTIONS} questions by Zipf's law, cold start`;
  return [
    {
      name: 'Response time',
      target: 'P95 <= 3 s (with caching)',
      async measure() {
        const { p95Ms, p95WithoutMs, requests } = await service();
        return {
          actual: `${seconds3(p95Ms)} (their model calls as drawn: ${seconds3(p95WithoutMs)})`,
          met: p95Ms <= 3_000,
          how: `${requests} requests: ${load}; a model of 1.5 s in the middle, waited for in real time`,
        };
      },
    },
    {
      name: 'Throughput',
      target: '100+ requests a minute',
      async measure() {
        const { perMinute } = await service();
        return {
          actual: `${Math.round(perMinute).toLocaleString('en-US')} a minute`,
          met: perMinute >= 100,
          how: 'all requests of that run, until the last answer',
        };
      },
    },
    {
      name: 'Memory usage',
      target: '< 80 % of what is available',
      async measure() {
        const { memory, heap, rss } = await service();
        return {
          actual: `${percent(memory)} (heap ${percent(heap)} of its limit, RSS ${percent(rss)} of the memory limit)`,
          met: memory < 0.8,
          how: 'highest reading of that run, with --max-old-space-size=512',
        };
      },
    },
    {
      name: 'CPU usage',
      target: '< 80 % of what is available',
      async measure() {
        const { cpu, eventLoop, processCpu } = await service();
        return {
          actual: `${percent(cpu)} (event loop ${percent(eventLoop)}, process ${percent(processCpu)} of its cores)`,
          met: cpu < 0.8,
          how: 'mean of that run, from start to last answer',
        };
      },
    },
    {
      name: 'Cache hit rate',
      target: '> 90 % for frequently accessed data',
      async measure() {
        const { asked } = await service();
        const all = rate(asked);
        const frequent = asked.filter((question) => question.requests >= FREQUENT);
        return {
          actual: `${percent(rate(frequent))} on the ${frequent.length} questions asked at least ${FREQUENT} times (all ${asked.length}: ${percent(all)})`,
          met: rate(frequent) > 0.9,
          how: 'that run, its cold start included: the first asking of each is a miss, and a call that waits for the load of another is no hit',
        };
      },
    },
  ];
}

/** What is asked as often as this in the run is frequent. */
const FREQUENT = 5;

type Asked = ServiceRun['asked'];

function rate(asked: Asked): number {
  const requests = asked.reduce((sum, question) => sum + question.requests, 0);
  return asked.reduce((sum, question) => sum + question.hits, 0) / requests;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function seconds3(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
