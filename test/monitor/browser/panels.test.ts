import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { SUGGESTED_CALLS } from '../../../src/monitor/dashboard/client/suggested-calls.js';
import { PerformanceMonitor } from '../../../src/monitor/performance-monitor.js';
import { ManualClock } from '../../manual-clock.js';
import { describeInBrowser } from './browser-suite.js';
import { texts } from './visit.js';

const MINUTE = 60_000;

await describeInBrowser('the panels of the dashboard', ({ look, onClose }) => {
  /** A monitor of its own, with nothing attached and no rules, and its page. */
  const bare = async (prepare: (monitor: PerformanceMonitor, clock: ManualClock) => void): Promise<Page> => {
    const clock = new ManualClock(28_333_333 * MINUTE);
    const monitor = new PerformanceMonitor({
      operation: 'ask',
      clock,
      targets: {
        brief: { metric: 'jobs', stat: 'ratePerMinute', min: 5, window: '5m' },
        broken: () => {
          throw new Error('no connection');
        },
      },
    });
    onClose(() => monitor.close());
    prepare(monitor, clock);
    const server = await monitor.serveDashboard();
    onClose(() => server.close());
    return (await look(server.url)).page;
  };

  it('suggest only calls that are tried, in the name of the operation', async () => {
    const page = await bare(() => {});
    const shown = await page.locator('.empty code').allTextContents();
    const tried = Object.values(SUGGESTED_CALLS).map((call) => call('ask'));
    expect(shown.filter((call) => !tried.includes(call))).toEqual([]);
    expect(new Set(shown).size).toBe(tried.length);
  });

  it('say over which time each target is judged, and what is not known of it', async () => {
    const page = await bare((monitor, clock) => {
      for (let i = 0; i < 11; i++) monitor.recordMetric('jobs', 1);
      clock.advance(2_000);
    });
    const lights = await texts(page, '.light');
    const light = (name: string): string => lights.find((text) => text.startsWith(name)) ?? '';
    expect(light('Response time p95')).toContain('at most 3 s · last 1 h');
    expect(light('brief')).toMatch(/no verdict.*≈ 330\/min.*at least 5\/min · last 5 min.*has run for 2 s only/s);
    expect(light('broken')).toMatch(/^broken\s+no verdict\s+–\s+its function threw: no connection$/);
    // The rate of the first seconds, wherever it stands.
    expect(await page.locator('#series tr[data-name=jobs]').innerText()).toContain('≈ 330/min');
    expect(await texts(page, '#series .note')).toContain('≈ rests on few values or less than a minute');
  });

  it('show values of alerts in their unit, and incidents that are over, folded away', async () => {
    const page = await bare((monitor, clock) => {
      const rule = { metric: 'ask', stat: 'max', window: '5s', when: { above: '3s' } } as const;
      monitor.alert({ ...rule, name: 'slow', severity: 'critical' });
      monitor.alert({ name: 'still', metric: 'share', window: '1h', when: { above: 0.5 } });
      monitor.series('share', {}, { unit: 'ratio' }).record(0.75);
      for (const ms of [4_500, 7_250]) {
        const timer = monitor.startTimer('ask');
        clock.advance(ms);
        timer.end();
        clock.advance(20_000);
      }
      clock.advance(2 * MINUTE);
    });
    const firing = page.locator('.alert[data-state=firing]');
    expect(await firing.innerText()).toMatch(/still.*now 75%, threshold 50%/s);
    const incidents = page.locator('#alerts .incidents');
    expect(await incidents.locator('ul').isVisible()).toBe(false);
    expect(await incidents.locator('summary').innerText()).toBe('2 past incidents, the last one over 2 min ago');
    await incidents.locator('summary').click();
    const rows = await texts(page, '#alerts .incident');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(
      /^slow\s+critical\s+ask max above 3000 ms over 5s\s+worst 7\.25 s · \d+ s from \d+ \w+ \d{4}, [\d:]+$/,
    );
    expect(rows[1]).toContain('worst 4.5 s');
  });

  it('say nothing of the hits of a cache whose hits are not counted', async () => {
    const page = await bare((monitor, clock) => {
      monitor.attach({
        uncounted: { getOrSet() {}, stats: () => ({ misses: 7, missReasons: { absent: 7 } }) },
        unread: { getOrSet() {}, stats: () => ({ hits: 0, misses: 0 }) },
      } as never);
      clock.advance(1_000);
    });
    const card = (name: string) => page.locator('#caches .attachment').filter({ hasText: name });
    expect(await card('uncounted').innerText()).toMatch(/absent\s+7/);
    expect(await card('uncounted').innerText()).not.toMatch(/no reads yet|hit rate|answered by/i);
    expect(await card('uncounted').locator('.tiers').count()).toBe(0);
    expect(await card('unread').innerText()).toContain('no reads yet');
  });
});
