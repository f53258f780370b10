import { describe, expect, it, vi } from 'vitest';
import { HotpathError } from '../../src/core/errors.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { cacheDouble } from './attach-doubles.js';
import { monitorWorld } from './monitor-world.js';

const ASKING: readonly [string, (monitor: PerformanceMonitor) => unknown][] = [
  ['attach', (m) => m.attach({ cache: cacheDouble({ hits: 0, misses: 0 }) })],
  ['alert', (m) => m.alert({ metric: 'ask', when: { above: 1 } })],
  ['subscribeChannels', (m) => m.subscribeChannels()],
  ['serveDashboard', (m) => m.serveDashboard()],
  ['profile', (m) => m.profile('1s')],
];

describe('a closed monitor', () => {
  it.each(ASKING)('refuses %s, with a code', async (_, call) => {
    const { monitor } = monitorWorld();
    await monitor.close();
    const error: unknown = await (async () => call(monitor))().catch((reason: unknown) => reason);
    expect(HotpathError.is(error) && error.code).toBe('CLOSED');
    expect((error as Error).message).toMatch(/: the monitor is closed$/);
  });

  it('refuses them from the call of close on, not from its end', async () => {
    const { monitor } = monitorWorld();
    const closing = monitor.close();
    expect(() => monitor.alert({ metric: 'ask', when: { above: 1 } })).toThrow('no alert is added');
    await closing;
  });

  it('is what a dashboard finds that was asked for before, loaded or listening: no server of it is left', async () => {
    const before = servers();
    for (let steps = 0; steps < 10; steps++) {
      const { monitor } = monitorWorld();
      if (steps > 0) await monitor.ready();
      const serving = monitor.serveDashboard({ keepAlive: true });
      const refusal = expect(serving).rejects.toMatchObject({ code: 'CLOSED' });
      for (let step = 0; step < steps; step++) await null;
      await monitor.close();
      await refusal;
    }
    // The handle of a closed server takes a moment to be gone.
    await vi.waitFor(() => expect(servers()).toBe(before));
  });

  it('records nothing more, marks and merges included, and goes on answering', async () => {
    const { monitor, clock } = monitorWorld();
    const worker = monitorWorld();
    worker.monitor.recordMetric('ask', 5);
    monitor.recordMetric('ask', 1);
    monitor.mark('deploy');
    const handler = monitor.series('ask');
    await monitor.close();
    monitor.recordMetric('ask', 1);
    handler.record(1);
    monitor.startTimer('ask').end();
    monitor.mark('late');
    expect(monitor.merge(worker.monitor.export())).toEqual({ added: 0, skipped: 1 });
    clock.advance(1_000);
    expect(monitor.getMetricStats('ask')?.count).toBe(1);
    expect(monitor.reader.marks().map(({ name }) => name)).toEqual(['deploy']);
    expect(monitor.toMarkdown()).toContain('ask');
  });
});

function servers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
}
