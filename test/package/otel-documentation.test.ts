import { channel } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { EVENT_NAMES as ASYNC_EVENTS } from '../../src/async/events.js';
import { EVENT_NAMES } from '../../src/cache/events.js';
import { EVENT_NAMES as MEMORY_EVENTS } from '../../src/memory/memory-events.js';
import { PerformanceMonitor } from '../../src/monitor/index.js';
import { HOTPATH } from '../../src/otel/hotpath-attributes.js';
import * as otelModule from '../../src/otel/index.js';
import { OTEL_BRIDGE_DEFAULTS, otelBridge, SEMANTIC_CONVENTIONS } from '../../src/otel/index.js';
import { DB_METRICS, ERROR_TYPE, GEN_AI_METRICS } from '../../src/otel/semantic-conventions.js';
import { ManualClock } from '../manual-clock.js';
import { MetricsSdk, testBridge } from '../otel/otel-sdk.js';
import { namesIn, Page } from './documentation-page.js';
import { SpanDouble } from './span-double.js';

const ROOT = new URL('../../', import.meta.url);

let page: Page;
beforeAll(async () => {
  page = new Page(await readFile(fileURLToPath(new URL('docs/otel.md', ROOT)), 'utf8'));
});

describe('docs/otel.md', () => {
  it('states the defaults that the code has', () => {
    const options = page.section('Options');
    const { channels, ...rest } = OTEL_BRIDGE_DEFAULTS;
    expect(page.row(options, 'channels')[1]).toBe(`[${channels.join(', ')}] with a tracer or the api, else []`);
    for (const [name, value] of Object.entries(rest)) {
      expect(page.row(options, name)[1]?.replaceAll('_', ''), name).toBe(String(value));
    }
  });

  it('has a row for every option, and for no other', () => {
    const known = namesIn(() => otelBridge(new PerformanceMonitor({ mode: 'off' }), { nonsense: 1 } as never));
    expect(known.length).toBeGreaterThan(10);
    expect(page.rowNames(page.section('Options')).sort()).toEqual(known.sort());
  });

  it('names everything that the module exports, and imports nothing else from it', () => {
    for (const name of Object.keys(otelModule)) expect(page.text).toMatch(new RegExp(`\`${name}\`|\\b${name}\\(`));
    const imports = [...page.text.matchAll(/import \{ ([^}]+) \} from 'hotpath\/otel'/g)];
    const imported = imports.flatMap(([, names = '']) => names.split(', '));
    expect(imported.length).toBeGreaterThan(0);
    expect(Object.keys(otelModule)).toEqual(expect.arrayContaining(imported));
    expect(page.text).toContain(`\`SEMANTIC_CONVENTIONS\`, ${SEMANTIC_CONVENTIONS}`);
  });

  it('names methods and figures that a bridge has', () => {
    const bridge = testBridge(new PerformanceMonitor({ mode: 'off' }), { meter: new MetricsSdk().meter });
    const methods = new Set([...page.text.matchAll(/\bbridge\.(\w+)\(/g)].map(([, name = '']) => name));
    expect([...methods].sort()).toEqual(Object.keys(bridge).sort());
    const figures = [...page.text.matchAll(/`stats\(\)\.(\w+)`/g)].map(([, name = '']) => name);
    expect(figures.length).toBeGreaterThan(0);
    expect(Object.keys(bridge.stats())).toEqual(expect.arrayContaining(figures));
  });

  it('names the metrics that the SDK receives, and no others', async () => {
    const received = await metricsOfEverything();
    const ofSeries = received.filter((name) => name.startsWith('hotpath.ask.')).map((name) => name.slice(12));
    expect(ofSeries.length).toBeGreaterThan(3);
    for (const name of ofSeries) expect(page.section('Metrics')).toContain(`\`hotpath.<metric>.${name}\``);
    const stated = page.dottedNames(page.section('Metrics'));
    const others = received.filter((name) => !/^hotpath\.(ask|process_|event_loop_)/.test(name));
    expect(others.filter((name) => !stated.includes(name) && !name.startsWith('hotpath.cache.'))).toEqual([]);
    const attributes: readonly string[] = [...Object.values(HOTPATH), ERROR_TYPE];
    expect(stated.filter((name) => !received.includes(name) && !attributes.includes(name))).toEqual([]);
  });

  it('names every attribute of our own, and the histograms of the conventions', () => {
    const stated = page.dottedNames(page.text);
    for (const name of Object.values(HOTPATH)) expect(stated).toContain(name);
    const histograms = page.dottedNames(page.section('Models and databases')).filter((name) => /client/.test(name));
    expect(histograms.sort()).toEqual([...Object.values(GEN_AI_METRICS), ...Object.values(DB_METRICS)].sort());
  });

  it.each([
    ['gen_ai', 'GenAiOperation', 1],
    ['db', 'DbOperation', 2],
  ])('lists what a mapping of kind %s needs and may have', async (kind, type, column) => {
    const file = new URL(`src/otel/${kind.replace('_', '-')}-operation.ts`, ROOT);
    const source = await readFile(fileURLToPath(file), 'utf8');
    const body = new RegExp(`interface ${type} \\{([\\s\\S]*?)\n\\}`).exec(source)?.[1] ?? '';
    const fields = [...body.matchAll(/^ {2}readonly (\w+)(\??):/gm)].filter(([, name]) => name !== 'kind');
    const namesOf = (mark: string) =>
      fields
        .filter(([, , found]) => found === mark)
        .map(([, name]) => name)
        .sort();
    const table = page.section('Models and databases');
    expect(page.cells(table, 'required')[column]?.split(', ').sort()).toEqual(namesOf(''));
    expect(page.cells(table, 'optional')[column]?.split(', ').sort()).toEqual(namesOf('?'));
  });

  it.each([
    ['cache', 'miss', EVENT_NAMES],
    ['async', 'retry', ASYNC_EVENTS],
    ['memory', 'trim', MEMORY_EVENTS],
  ] as const)('names what events of %s write on a span, and how many a span gets', (module, often, names) => {
    const span = new SpanDouble();
    testBridge(new PerformanceMonitor({ mode: 'off' }), { api: span.api });
    const data = { namespace: 'answers', reason: 'absent', error: new TypeError('x') };
    for (const name of names) channel(`hotpath:${module}:${name}`).publish(data);
    const stated = page.dottedNames(page.section('Spans')).filter((name) => name.startsWith(`hotpath.${module}.`));
    expect([...span.attributes, ...span.events].sort()).toEqual(stated.sort());
    for (let i = 0; i < 200; i++) channel(`hotpath:${module}:${often}`).publish(data);
    expect(page.section('Spans')).toContain(`A span gets ${span.events.length} such events`);
  });
});

/** Names of the instruments of a monitor that has something to tell of everything. */
async function metricsOfEverything(): Promise<string[]> {
  const clock = new ManualClock();
  const monitor = new PerformanceMonitor({ clock, operation: 'ask' });
  const cache = { hits: 1, misses: 1, entries: 1, loadMs: 5, missReasons: { absent: 1 }, remote: { state: 'closed' } };
  monitor.attach({ answers: { stats: () => cache } });
  monitor.alert({ target: 'memoryUsage' });
  monitor.startTimer('ask').end();
  clock.advance(2_000);
  const sdk = new MetricsSdk();
  const bridge = testBridge(monitor, { meter: sdk.meter });
  // What is new arrives with the second.
  await sdk.collect();
  const names = [...(await sdk.collect()).keys()];
  await bridge.close();
  await monitor.close();
  return names;
}
