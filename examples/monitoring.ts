// How slow is it, is that good enough, and why? A monitor measures, judges targets, raises alerts and shows what is attached.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheManager, monitorPerformance, PerformanceMonitor } from 'hotpath';

const monitor = new PerformanceMonitor({ operation: 'ask', targets: { responseTimeP95: '20ms' }, interval: '100ms' });
const cache = new CacheManager<string>({ ttl: '5m' });
monitor.attach({ cache });

const alerts: string[] = [];
monitor.alert({ name: 'slow answers', metric: 'ask', when: { above: '20ms' }, minCount: 10 });
monitor.on('alert', ({ name, condition }) => alerts.push(`${name}: ${condition}`));

const ask = monitorPerformance(
  monitor,
  'ask',
)(async (question: string): Promise<string> => {
  return cache.getOrSet(question, async () => {
    await sleep(40);
    return `answer to ${question}`;
  });
});

for (const question of ['a', 'b', 'a', 'a', 'c', 'b', 'a', 'd', 'a', 'e']) await ask(question);
// Alerts are looked at every `interval`. The monitor alone would not keep the process alive.
for (let waits = 0; waits < 100 && alerts.length === 0; waits++) await sleep(20);

const { responseTimeP95 } = monitor.checkPerformanceTargets();
assert.equal(responseTimeP95?.met, false, 'half of the questions went to the model');
assert.deepEqual(alerts, ['slow answers: ask p95 above 20 ms over 5m']);
const { counters, gauges } = monitor.reader.attachments()[0]!;
assert.deepEqual([counters['hits'], counters['misses'], gauges['hitRate']], [5, 5, 0.5]);

console.log(`p95 ${Math.round(responseTimeP95.actual!)} ms, target ${responseTimeP95.target} ms`);
const shown = /^hotpath_(target_met|requests_total|cache_hits_total)/;
for (const line of monitor.prometheus().split('\n')) if (shown.test(line)) console.log(line);
await monitor.close();
