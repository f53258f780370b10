import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
/** V8 keeps the shapes of objects, and so the names of their fields, for a few collections. */
const collect = (): void => {
  for (let i = 0; i < 6; i++) gc();
};
const MB = 2 ** 20;

/** What a host may hand over carelessly: a prompt of a megabyte, or a part of one. */
const WAYS: Record<string, (monitor: PerformanceMonitor, prompt: string) => void> = {
  'a fact': (monitor, prompt) => {
    const timer = monitor.startTimer('ask');
    timer.annotate({ prompt });
    timer.end();
  },
  'a part of a text as a fact': (monitor, prompt) => {
    const timer = monitor.startTimer('ask');
    timer.annotate({ prompt: prompt.slice(0, 100) });
    timer.end();
  },
  'the name of a fact': (monitor, prompt) => monitor.recordMetric('tokens', 1, undefined, { [prompt]: 1 }),
  'the name of a stage': (monitor, prompt) => {
    const timer = monitor.startTimer('ask');
    timer.stage(prompt);
    timer.end();
  },
  'the code of an error': (monitor, prompt) => monitor.startTimer('ask').end({ error: { code: prompt } }),
  'a mark': (monitor, prompt) => monitor.mark('deploy', { prompt }),
  'a label': (monitor, prompt) => monitor.recordMetric('tokens', 1, { prompt }),
  'the name of a label': (monitor, prompt) => monitor.recordMetric('tokens', 1, { [prompt]: 1 }),
  'a part of a text as a label': (monitor, prompt) =>
    monitor.recordMetric('tokens', 1, { prompt: prompt.slice(0, 60) }),
};

describe('of a large text', () => {
  it.each(Object.entries(WAYS))('%s keeps the beginning, and nothing else alive', (_, hand) => {
    const { monitor } = monitorWorld({ maxSeries: 1_000 });
    hand(monitor, 'warm up');
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 20; i++) hand(monitor, `${i}: ${String.fromCharCode(97 + i).repeat(MB)}`);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(3 * MB);
    expect(monitor.reader.troubles().series).toBeGreaterThanOrEqual(0);
  });
});
