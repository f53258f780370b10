import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServedDashboard } from '../../src/monitor/dashboard/serve.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { SeededRandom, seedOf } from '../random.js';
import { findPrometheus, type PrometheusServer } from '../services/prometheus.js';
import { describeWith } from '../services/service.js';
import { monitorWorld } from './monitor-world.js';

const VALUES = 5_000;
/** Edges of the exported buckets in seconds, the response-time target among them. */
const EDGES = [0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 3, 5, 10, 30, 60, 120];

describeWith('a real Prometheus that scrapes a served dashboard', await findPrometheus(), (start) => {
  let monitor: PerformanceMonitor;
  let dashboard: ServedDashboard;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    ({ monitor } = monitorWorld({ units: { request: 'ms' } }));
    dashboard = await monitor.serveDashboard();
    const { port, token } = dashboard;
    const random = new SeededRandom(seedOf('scraped values'));
    const model = monitor.series('request', { model: 'small', quote: '"\\\n' }, { unit: 'ms' });
    const failed = monitor.series('request', { error: 'TimeoutError' }, { unit: 'ms' });
    // From 2 ms to 20 s, each power as often as the next.
    for (let i = 0; i < VALUES; i++) (random.chance(0.1) ? failed : model).record(2 * 10_000 ** random.next());
    monitor.recordMetric('batch', 3, { size: 'small' });
    prometheus = await (await start()).scrape([
      { name: 'service', port, token },
      { name: 'stranger', port, token: 'another-token-than-ours' },
    ]);
    await prometheus.waitFor('up{job="service"}', (up) => up === 1);
  }, 60_000);
  afterAll(async () => {
    await prometheus?.close();
    await monitor?.close();
  });

  it('finds it up, and has nothing against what it reads', async () => {
    const targets = await prometheus.targets();
    expect(targets.find(({ job }) => job === 'service')).toEqual({ job: 'service', health: 'up', lastError: '' });
    expect(prometheus.warnings()).toBe('');
    const scraped = await prometheus.query('scrape_samples_scraped{job="service"}');
    const samples = monitor
      .prometheus()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(scraped.map(({ value }) => value)).toEqual([samples.length]);
  });

  it('is refused with another token', async () => {
    await prometheus.waitFor('up{job="stranger"}', (up) => up === 0);
    const stranger = (await prometheus.targets()).find(({ job }) => job === 'stranger');
    expect(stranger).toMatchObject({ health: 'down', lastError: expect.stringContaining('401') });
  });

  it('counts what the monitor counts, also what comes later', async () => {
    const scraped = async (metric: string): Promise<number | undefined> =>
      (await prometheus.query(`${metric}{job="service"}`))[0]?.value;
    const { count } = monitor.getMetricStats('request')!;
    expect(count).toBe(VALUES);
    expect(await scraped('hotpath_requests_total')).toBe(count);
    const errors = monitor.getMetricStats('request', { labels: { error: 'TimeoutError' } })!;
    expect(await scraped('hotpath_requests_failed_total')).toBe(errors.count);
    const sum = await prometheus.query('sum(hotpath_request_seconds_sum{job="service"})');
    expect(sum[0]!.value).toBeCloseTo(monitor.getMetricStats('request')!.sum / 1_000, 6);
    for (let i = 0; i < 7; i++) monitor.recordMetric('batch', 1, { size: 'small' });
    await prometheus.waitFor('hotpath_batch_count{job="service",size="small"}', (value) => value === 8);
  });

  it('keeps labels as they were given', async () => {
    const found = await prometheus.query('hotpath_request_seconds_count{job="service",model="small"}');
    expect(found.map(({ labels }) => labels['quote'])).toEqual(['"\\\n']);
  });

  it.each([
    ['p50', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
  ] as const)('works out %s from the buckets, no further off than a bucket is wide', async (name, share) => {
    const seconds = monitor.getMetricStats('request')![name] / 1_000;
    const quantile = `histogram_quantile(${share}, sum by (le) (hotpath_request_seconds_bucket{job="service"}))`;
    const [found] = await prometheus.query(quantile);
    const above = EDGES.findIndex((edge) => edge > seconds);
    expect(Math.abs(found!.value - seconds)).toBeLessThanOrEqual(EDGES[above]! - EDGES[above - 1]!);
  });

  it('knows the share of requests above the response-time target exactly', async () => {
    // Prometheus 3 writes edges as floats.
    const [within] = await prometheus.query('sum(hotpath_request_seconds_bucket{job="service",le=~"3|3.0"})');
    const [over] = await prometheus.query('hotpath_requests_over_target_total{job="service"}');
    expect(over!.value).toBeGreaterThan(0);
    expect(within!.value + over!.value).toBe(VALUES);
  });
});
