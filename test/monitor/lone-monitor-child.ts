import { PerformanceMonitor } from '../../src/monitor/index.js';

/** A process in which nothing else is under way: it lives as long as what it awaits keeps it alive. */
const [what, directory = ''] = process.argv.slice(2);

const scripts: Record<string, () => Promise<string>> = {
  async close() {
    const hung = monitorThatAlerts(() => new Promise(() => {}));
    const failing = monitorThatAlerts(() => Promise.reject(new Error('no line')));
    await Promise.all([alerted(hung), alerted(failing)]);
    await Promise.all([hung.close(), failing.close()]);
    return `dropped: ${[hung, failing].map((monitor) => monitor.alertDeliveries()[0]?.dropped)}`;
  },
  async profile() {
    const monitor = new PerformanceMonitor({ profiles: { directory } });
    const { file } = await monitor.profile('50ms');
    await monitor.close();
    return file.replace(/-.*\./, '.');
  },
};

function monitorThatAlerts(sink: () => Promise<void>): PerformanceMonitor {
  const monitor = new PerformanceMonitor({ interval: '100ms', sinks: [sink] });
  monitor.recordMetric('a', 5);
  monitor.alert({ metric: 'a', when: { above: 1 } });
  return monitor;
}

async function alerted(monitor: PerformanceMonitor): Promise<void> {
  const waiting = setInterval(() => {}, 1_000);
  await new Promise<void>((resolve) => {
    monitor.on('alert', () => resolve());
  });
  // The sink is asked after the tick that found the alert.
  await new Promise((resolve) => setImmediate(resolve));
  clearInterval(waiting);
}

process.stdout.write(`${await scripts[what!]!()}\n`);
