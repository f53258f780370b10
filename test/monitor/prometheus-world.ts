import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CacheStats } from '../../src/cache/cache-stats.js';
import { AttachmentBook } from '../../src/monitor/attachments/attachment-book.js';
import { prometheusText } from '../../src/monitor/exports/prometheus-text.js';
import { ManualClock } from '../manual-clock.js';
import { cacheDouble, llmDouble, memoryDouble, optimizerDouble, processorDouble } from './attach-doubles.js';
import { fullReader } from './reader-double.js';

export const RULES_FILE: string = fileURLToPath(new URL('../../assets/prometheus-rules.yml', import.meta.url));
const DASHBOARD_FILE = fileURLToPath(new URL('../../assets/grafana-dashboard.json', import.meta.url));

const CACHE_STATS: CacheStats = {
  ...{ hits: 400, misses: 215, hitRate: 0.65, memoryHits: 320, remoteHits: 80, staleHits: 5, coalesced: 4 },
  ...{ loads: 210, refreshes: 3, refreshesSkipped: 1, loadErrors: 2, loadMs: 189_400, savedMs: 402_118, fenced: 1 },
  ...{ evictions: 12, invalidations: 7, entries: 190, bytes: 2_000_000, inFlight: 3, versions: 9 },
  remote: { state: 'closed', bus: 'live', errors: 1, timeouts: 2, refused: 0, unconfirmed: 0, leasesLost: 0 },
  missReasons: { absent: 180, expired: 35 },
};

/** The metrics that a monitor with everything exports: names of samples, with the names of their labels and those that a scrape adds. */
export function exportedMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  const reader = fullReader();
  const book = new AttachmentBook({ clock: new ManualClock(), onTrouble: () => {} });
  book.attach({
    cache: cacheDouble(CACHE_STATS),
    llm: llmDouble(),
    processor: processorDouble(),
    memory: memoryDouble(),
    optimizer: optimizerDouble({ optimized: 3 }),
  });
  book.sample();
  reader.attachmentReadings = [...book.readings()];
  book.close();
  const metrics = new Map<string, Set<string>>();
  for (const line of prometheusText(reader).split('\n')) {
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const known = metrics.get(name) ?? new Set(['job', 'instance']);
    for (const [, label] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label!);
    metrics.set(name, known);
  }
  return metrics;
}

/** Metrics of the exporter that an expression reads, each with the labels that it selects by or groups by. */
export function metricsIn(expression: string): [metric: string, labels: string[]][] {
  const grouped = [...expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(/,\s*/));
  const own = grouped.filter((label) => label !== '');
  return [...expression.matchAll(/(?<![\w:])(hotpath_\w+)(?:\{([^}]*)\})?/g)].map(([, metric, selected = '']) => {
    const labels = [...selected.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!);
    return [metric!, [...new Set([...labels, ...own])]];
  });
}

/** Every expression of a file of rules, in a line. */
export function ruleExpressions(rules: string): string[] {
  const found = rules.matchAll(/^( +)expr: (?:\|\n((?:\1 +.*\n)+)|(.*)\n)/gm);
  return [...found].map(([, , block, line]) => (block ?? line ?? '').replace(/\s+/g, ' ').trim());
}

/** The parts of a Grafana dashboard that are looked at. */
export interface Dashboard {
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string; readonly datasource?: unknown }[];
  };
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
    readonly datasource?: unknown;
    readonly targets?: readonly {
      readonly expr: string;
      readonly legendFormat: string;
      readonly datasource: unknown;
    }[];
  }[];
}

export async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await readFile(DASHBOARD_FILE, 'utf8')) as Dashboard;
}

/** Every query of the dashboard, with values in place of its variables. */
export async function dashboardQueries(): Promise<string[]> {
  const { panels, annotations } = await readDashboard();
  const written = [...panels.flatMap(({ targets = [] }) => targets), ...annotations.list];
  return written.flatMap(({ expr }) => (expr === undefined ? [] : [withValues(expr)]));
}

function withValues(text: string): string {
  const values: Readonly<Record<string, string>> = { timer: 'request', __rate_interval: '5m' };
  return text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => values[name] ?? '.+');
}
