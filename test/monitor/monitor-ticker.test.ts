import { describe, expect, it } from 'vitest';
import { monitorWorld } from './monitor-world.js';

describe('the ticker', () => {
  it('records the process, and how late it runs', () => {
    const { clock, monitor } = monitorWorld({ interval: '1s' });
    expect(monitor.reader.resources()).toBeNull();
    clock.advance(10_000);
    expect(monitor.getMetricStats('process_memory')).toMatchObject({ count: 10, unit: 'ratio' });
    expect(monitor.getMetricStats('event_loop_delay')).toMatchObject({ count: 10, max: 0, unit: 'ms' });
    expect(monitor.reader.resources()?.limitBytes).toBeGreaterThan(0);
  });

  it('survives a reader that throws, and reports it', () => {
    let broken = true;
    const limits = {
      readFile: () => undefined,
      totalMemory: () => 2 ** 30,
      constrainedMemory: () => 0,
      parallelism: () => 2,
      heapLimit: () => 2 ** 29,
    };
    const processReader = {
      ...{ limits, cpuMs: () => 0, loop: () => ({ idleMs: 1, activeMs: 1 }), external: () => 0, rss: () => 2 ** 20 },
      heapUsed: () => {
        if (broken) throw new Error('no heap');
        return 2 ** 20;
      },
    };
    const { clock, monitor, errors } = monitorWorld({ processReader });
    clock.advance(3_000);
    broken = false;
    clock.advance(1_000);
    expect(errors[0]).toMatchObject({ during: 'reading the process', error: { message: 'no heap' } });
    expect(monitor.reader.resources()?.heapUsedBytes).toBe(2 ** 20);
  });

  it('leaves no alert firing when it is switched off, and raises it again afterwards', () => {
    const { clock, monitor } = monitorWorld();
    const seen: string[] = [];
    monitor.on('alert', ({ name }) => seen.push(`alert ${name}`));
    monitor.on('resolved', ({ name }) => seen.push(`resolved ${name}`));
    monitor.alert({ name: 'any', metric: 'ask', stat: 'count', when: { above: 0 } });
    monitor.recordMetric('ask', 1);
    clock.advance(1_000);
    for (const mode of ['observe', 'on', 'off', 'on'] as const) {
      monitor.mode = mode;
      expect(monitor.reader.alerts()[0]?.state).toBe('inactive');
      clock.advance(1_000);
    }
    expect(seen).toEqual(['alert any', 'resolved any', 'alert any', 'resolved any', 'alert any']);
  });
});
