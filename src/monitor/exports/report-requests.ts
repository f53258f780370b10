import type { MetricStats } from '../metric-stats.js';
import type { MonitorReader } from '../monitor-reader.js';
import { seriesByName } from './report-metrics.js';

/** Requests answered from a cache, and those that were not. */
export interface CachePopulations {
  readonly hit: MetricStats | null;
  readonly miss: MetricStats | null;
  /** Hits of both, 0 to 1; `null` without any. */
  readonly hitShare: number | null;
}

/** One stage of the requests of a timer. */
export interface StageReport {
  readonly stage: string;
  readonly stats: MetricStats | null;
  /** Of the time of all requests, 0 to 1; `null` without any. */
  readonly share: number | null;
}

const STAGE_ENDING = '_stage';
const MOST_STAGES = 20;

/** Timers that said of their requests whether they were answered from a cache. */
export function cachePopulations(reader: MonitorReader): Readonly<Record<string, CachePopulations>> {
  const populations: [string, CachePopulations][] = [];
  for (const [name, series] of seriesByName(reader)) {
    if (!series.some(({ labels }) => labels['cache'] === 'hit' || labels['cache'] === 'miss')) continue;
    const hit = reader.stats(name, { labels: { cache: 'hit' }, exemplars: 0 });
    const miss = reader.stats(name, { labels: { cache: 'miss' }, exemplars: 0 });
    const answered = (hit?.count ?? 0) + (miss?.count ?? 0);
    populations.push([name, { hit, miss, hitShare: answered === 0 ? null : (hit?.count ?? 0) / answered }]);
  }
  return Object.fromEntries(populations);
}

/** Stages by timer, those that take most time first. */
export function stagesOf(reader: MonitorReader): Readonly<Record<string, readonly StageReport[]>> {
  const byName = seriesByName(reader);
  const reports: [string, StageReport[]][] = [];
  for (const [name, series] of byName) {
    const timer = name.slice(0, -STAGE_ENDING.length);
    if (!name.endsWith(STAGE_ENDING) || !byName.has(timer)) continue;
    const stages = new Set(series.map(({ labels }) => labels['stage'] ?? '').filter((stage) => stage !== ''));
    if (stages.size === 0) continue;
    const all = reader.distribution(timer)?.sum ?? 0;
    const own = [...stages].map((stage) => {
      const stats = reader.stats(name, { labels: { stage }, exemplars: 0 });
      return { stage, stats, share: all > 0 && stats !== null ? stats.sum / all : null };
    });
    reports.push([timer, own.sort((a, b) => (b.share ?? 0) - (a.share ?? 0)).slice(0, MOST_STAGES)]);
  }
  return Object.fromEntries(reports);
}
