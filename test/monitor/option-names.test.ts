import { afterEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import { serverTiming, webhookSink } from '../../src/monitor/index.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';

const monitors: PerformanceMonitor[] = [];
afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.close();
});

function world() {
  const made = monitorWorld();
  monitors.push(made.monitor);
  return made;
}

/** Calls with an option that there is not. `never`: TypeScript refuses them too. */
const MISSPELT: readonly [string, (monitor: PerformanceMonitor) => unknown][] = [
  ['authorise must be absent (options here are authorize)', (m) => m.dashboard({ authorise: () => true } as never)],
  ['port, host, token', (m) => m.serveDashboard({ tokn: 'not-to-be-shown-1' } as never)],
  [
    'kindd must be absent (options here are kind, signal), got "heap"',
    (m) => m.profile('1s', { kindd: 'heap' } as never),
  ],
  ['windw must be absent (options here are window, labels)', (m) => m.getMetricStats('a', { windw: '5m' } as never)],
  ['units must be absent (options here are unit), got "ms"', (m) => m.series('a', {}, { units: 'ms' } as never)],
  ['hit must be absent (options here are modules, hits, calls)', (m) => m.subscribeChannels({ hit: true } as never)],
  ['cach must be absent', (m) => serverTiming(m.startTimer('a'), { cach: 'hit' } as never)],
  ['header must be absent', () => webhookSink('https://example.test', { header: {} } as never)],
];

const NO_OBJECTS: readonly [string, (monitor: PerformanceMonitor) => unknown][] = [
  ['dashboard', (m) => m.dashboard(null as never)],
  ['serveDashboard', (m) => m.serveDashboard(8_080 as never)],
  ['profile', (m) => m.profile('1s', 'heap' as never)],
  ['getMetricStats', (m) => m.getMetricStats('a', '5m' as never)],
  ['series', (m) => m.series('a', {}, 'ms' as never)],
  ['serverTiming', (m) => serverTiming(m.startTimer('a'), 'hit' as never)],
];

describe('an option that there is not', () => {
  it.each(MISSPELT)('is an error at the call: %s', async (message, call) => {
    const { monitor } = world();
    const error: unknown = await (async () => call(monitor))().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain(message);
  });

  it('of serveDashboard shows no value: it may be the token', async () => {
    const { monitor } = world();
    const secret = 'a-token-of-the-host-1234';
    await expect(monitor.serveDashboard({ tokn: secret } as never)).rejects.toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret) }),
    );
  });

  it.each(NO_OBJECTS)('and options of %s that are no object are errors of the same kind', async (_, call) => {
    const { monitor } = world();
    const error: unknown = await (async () => call(monitor))().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toMatch(/^options must be an object, got /);
  });

  it('is none where it is undefined', () => {
    const { monitor } = world();
    const options = { window: undefined, labels: undefined, other: undefined };
    expect(monitor.getMetricStats('a', options as never)).toBeNull();
    expect(monitor.series('a', undefined, { unit: undefined } as never)).toBeDefined();
  });

  it('makes no series', () => {
    const { monitor } = world();
    expect(() => monitor.series('a', {}, { units: 'ms' } as never)).toThrow(InvalidOptionError);
    expect(monitor.reader.names()).toEqual([]);
  });
});

describe('what a timer can not be ended with', () => {
  it('is reported once for each timer and option, never thrown, and the request counts', () => {
    const { clock, monitor, errors } = world();
    for (let i = 0; i < 3; i++) {
      const timer = monitor.startTimer('ask');
      clock.advance(5);
      expect(timer.end({ eror: new Error('x'), cache: 'hit' } as never)).toBe(5);
    }
    monitor.startTimer('sql').end({ eror: 'x' } as never);
    expect(monitor.getMetricStats('ask', { labels: { cache: 'hit' } })?.count).toBe(3);
    expect(errors.map(({ error, during }) => `${during}: ${(error as Error).message}`)).toEqual([
      'the end of timer "ask": eror must be absent (options here are error, cache, labels), got "an object"',
      'the end of timer "sql": eror must be absent (options here are error, cache, labels), got "a string"',
    ]);
  });

  it('is a cache that is neither hit nor miss, and an error that is not named', () => {
    const { monitor, errors } = world();
    monitor.startTimer('ask').end({ cache: 'HIT' } as never);
    monitor.startTimer('ask').end(new TypeError('x') as never);
    monitor.startTimer('ask').end('failed' as never);
    expect(errors.map(({ error }) => (error as Error).message)).toEqual([
      "cache must be 'hit' or 'miss', got \"HIT\"",
      'end must be an object, as in { error }, got an instance of TypeError',
    ]);
    expect(monitor.getMetricStats('ask')?.count).toBe(3);
  });

  it('is not what is undefined, null, or as it should be', () => {
    const { monitor, errors } = world();
    for (const end of [undefined, null, {}, { error: undefined, cache: undefined, other: undefined }]) {
      monitor.startTimer('ask').end(end as never);
    }
    monitor.startTimer('ask').end({ error: new Error('x'), cache: 'miss', labels: { tier: 'gold' } });
    expect(errors).toEqual([]);
  });

  it('is told of a hundred times in all', () => {
    const { monitor, errors } = world();
    for (let i = 0; i < 150; i++) monitor.startTimer('ask').end({ [`o${i}`]: 1 } as never);
    expect(errors).toHaveLength(100);
  });
});
