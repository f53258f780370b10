import { figure, moment } from './figure.js';
import type { PerformanceReport } from './report.js';
import type { Cell, Table } from './report-section.js';

const LIMIT_SOURCES = {
  option: 'as the option says',
  'cgroup-v2': "the container's limit",
  'cgroup-v1': "the container's limit",
  constrained: 'as Node knows it',
  total: 'all memory of the machine',
} as const;

/** What the process used when it was last looked at. */
export function processRows({ resources }: PerformanceReport): Cell[][] {
  if (resources === null) return [];
  const r = resources;
  const cores = `${r.cores} ${r.cores === 1 ? 'core' : 'cores'}${r.coresSource === 'machine' ? '' : " (the container's quota)"}`;
  return [
    ['memory', figure(r.memoryShare, 'ratio'), `its limit; level ${r.level}`],
    [
      'resident memory',
      figure(r.rssBytes, 'bytes'),
      `${figure(r.limitBytes, 'bytes')} (${LIMIT_SOURCES[r.limitSource]})`,
    ],
    ['heap', figure(r.heapUsedBytes, 'bytes'), figure(r.heapLimitBytes, 'bytes')],
    ['outside the heap', figure(r.externalBytes, 'bytes'), ''],
    ['CPU', figure(r.processCpuShare, 'ratio'), cores],
    ['event loop', figure(r.eventLoopShare, 'ratio'), 'the time'],
  ];
}

/** One table for each attached object. */
export function attachmentTables({ attachments }: PerformanceReport): Table[] {
  return attachments.map(({ name, kind, counters, gauges, reasons, states }) => ({
    title: `${name} (${kind})`,
    heads: ['figure', 'value'],
    figures: ['value'],
    rows: [
      ...Object.entries(states),
      ...numberRows(gauges),
      ...numberRows(counters),
      ...Object.entries(reasons).flatMap(([group, counts]) =>
        Object.entries(counts).map(([reason, count]) => [`${group}: ${reason}`, figure(count, 'count')]),
      ),
    ],
  }));
}

/** Figures in the unit that their names end in. */
function numberRows(figures: Readonly<Record<string, number>>): Cell[][] {
  return Object.entries(figures).map(([name, value]) => {
    if (/Ms$/.test(name)) return [name, figure(value, 'ms')];
    if (/Mb$/.test(name)) return [name, figure(value * 2 ** 20, 'bytes')];
    if (/^bytes$|Bytes$/.test(name)) return [name, figure(value, 'bytes')];
    const isShare = /Rate(?:Recent|Hour)?$|[sS]hare$|[fF]raction$/.test(name);
    return [name, figure(value, isShare ? 'ratio' : 'count')];
  });
}

export function profileRows({ profiles }: PerformanceReport): Cell[][] {
  return profiles.map(({ file, kind, startedAt, reason, top }) => [
    file,
    kind === 'cpu' ? 'CPU time' : 'heap',
    moment(startedAt),
    reason,
    top
      .slice(0, 5)
      .map(({ name, share }) => `${name} ${figure(share, 'ratio')}`)
      .join(', '),
  ]);
}
