import { describe, expect, it } from 'vitest';
import { dashboardQueries, exportedMetrics, metricsIn, readDashboard } from './prometheus-world.js';

const dashboard = await readDashboard();
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

describe('the Grafana dashboard', () => {
  it('asks for metrics and labels that the exporter writes', async () => {
    const exported = exportedMetrics();
    const queries = await dashboardQueries();
    expect(queries.length).toBeGreaterThan(40);
    for (const query of queries) {
      const metrics = metricsIn(query);
      expect(metrics, query).not.toEqual([]);
      const labels = new Set(metrics.flatMap(([metric]) => [...(exported.get(metric) ?? [])]));
      for (const [metric, wanted] of metrics) {
        expect([...exported.keys()], query).toContain(metric);
        expect([...labels], query).toEqual(expect.arrayContaining(wanted));
      }
    }
  });

  it.each([
    ['latency percentiles', /histogram_quantile\(0\.95.*hotpath_request_seconds_bucket/],
    ['throughput', /60 \* .*hotpath_requests_total/],
    ['errors', /hotpath_requests_failed_total/],
    ['cache hit rates', /hotpath_cache_hits_total.*hotpath_cache_misses_total/],
    ['miss reasons', /hotpath_cache_misses_by_reason_total/],
    ['the event loop', /hotpath_event_loop_utilization_ratio/],
    ['memory', /hotpath_memory_ratio/],
    ['the queue', /hotpath_processor_queued/],
    ['targets', /hotpath_target_met/],
    ['alerts', /hotpath_alert_firing/],
  ])('shows %s', async (_what, pattern) => {
    expect((await dashboardQueries()).some((query) => pattern.test(query))).toBe(true);
  });

  it('reads from the data source that is chosen in it, and from no other', () => {
    const chosen = { type: 'prometheus', uid: `\${datasource}` };
    for (const { title, datasource, targets = [] } of panels) {
      expect(targets.length, title).toBeGreaterThan(0);
      for (const source of [datasource, ...targets.map((target) => target.datasource)]) expect(source).toEqual(chosen);
    }
  });

  it('uses no variable that it does not have, and no label in a legend that its query drops', () => {
    const text = JSON.stringify(dashboard);
    const known = [...dashboard.templating.list.map(({ name }) => name), '__rate_interval', '__all'];
    const used = [...text.matchAll(/\$\{?(\w+)\}?/g)].map(([, name]) => name!);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    for (const { title, targets = [] } of panels) {
      for (const { expr, legendFormat } of targets) {
        const kept = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(', '));
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
        expect(kept, `${title}: ${legendFormat}`).toEqual(expect.arrayContaining(shown));
      }
    }
  });

  it('has panels that do not lie over each other', () => {
    const cells = new Set<string>();
    const ids = new Set(dashboard.panels.map(({ id }) => id));
    expect(ids.size).toBe(dashboard.panels.length);
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`), title).toBe(false);
          cells.add(`${x},${y}`);
        }
      }
    }
  });
});
