import { describe, expect, it } from 'vitest';
import { CacheManager, type CacheStats } from '../../src/cache/index.js';
import type { CacheFigures } from '../../src/monitor/attachments/attached-shapes.js';
import { kindOf } from '../../src/monitor/attachments/attachment-kind.js';
import type { AttachmentKind } from '../../src/monitor/attachments/attachment-reading.js';
import { readingOf } from '../../src/monitor/attachments/reading-of.js';
import { llmDouble, memoryDouble, optimizerDouble, processorDouble } from './attach-doubles.js';

const read = (value: object) => readingOf('it', kindOf(value)!, value);
const readAs = (kind: AttachmentKind, stats: unknown) => readingOf('it', kind, { stats: () => stats });

describe('the figures of a CacheManager', () => {
  it('are all there, each once, as a running total or as a figure that may fall', async () => {
    const cache = new CacheManager();
    await cache.getOrSet('a', () => 1);
    await cache.get('a');
    await cache.get('b');
    const stats: CacheStats = cache.stats();
    const { counters, gauges, reasons, states, kind } = read(cache);
    expect(kind).toBe('cache');
    for (const [name, value] of Object.entries(stats)) {
      if (typeof value !== 'number' || name === 'remoteHits') continue;
      expect([counters[name] ?? gauges[name], name in counters !== name in gauges], name).toEqual([value, true]);
    }
    expect(Object.keys(gauges).sort()).toEqual(['bytes', 'entries', 'hitRate', 'inFlight', 'versions']);
    expect(reasons).toEqual({ missReasons: { absent: 2 } });
    expect(states).toEqual({ mode: 'on' });
    const figures: CacheFigures = stats;
    expect(figures.hits).toBe(1);
  });

  it('have no hit rate before the first read', () => {
    const { gauges, counters } = read(new CacheManager());
    expect(gauges).not.toHaveProperty('hitRate');
    expect(counters).toMatchObject({ hits: 0, misses: 0 });
  });

  it('tell of the shared tier where there is one', () => {
    const cache = new CacheManager({ namespace: 'reports', remote: new Map() });
    const { counters, gauges, states } = read(cache);
    expect(counters).toMatchObject({ remoteHits: 0, remoteErrors: 0, remoteTimeouts: 0, remoteRefused: 0 });
    expect(counters).toHaveProperty('remoteLeasesLost', 0);
    expect(gauges['remoteUnconfirmed']).toBe(0);
    expect(states).toEqual({ mode: 'on', remote: 'closed', bus: 'none' });
    expect(read(new CacheManager()).counters).not.toHaveProperty('remoteHits');
  });
});

describe('figures of modules by their shapes', () => {
  it('of an LLM cache: its own tiers, and numbers that only it knows as figures that may fall', () => {
    expect(read(llmDouble())).toEqual({
      name: 'it',
      kind: 'llm',
      counters: { hits: 6, misses: 4, exactHits: 5, semanticHits: 1 },
      gauges: { hitRate: 0.6, savedTokens: 900 },
      reasons: { missReasons: { guard: 3 } },
      states: {},
    });
  });

  it('of a processor', () => {
    const { counters, gauges } = read(processorDouble());
    expect(counters).toEqual({ completed: 100, failed: 3, retried: 4, rateLimitedMs: 1_200 });
    expect(gauges).toEqual({ active: 2, queued: 5, limit: 8, p95Ms: 40 });
  });

  it('of a memory manager: use and level', () => {
    const { counters, gauges, states } = read(memoryDouble());
    expect(counters).toEqual({});
    expect(gauges).toMatchObject({ fraction: 0.3, rssMb: 300, limitMb: 1_000 });
    expect(states).toEqual({ level: 'normal', limitSource: 'cgroup-v2' });
  });

  it('of an optimizer: whatever it counts, or nothing', () => {
    expect(read(optimizerDouble({ rewritten: 3 })).gauges).toEqual({ rewritten: 3 });
    expect(read(optimizerDouble())).toMatchObject({ kind: 'optimizer', counters: {}, gauges: {} });
  });
});

describe('figures that are not what they should be', () => {
  it('are left out: what is no number, not finite, or a running total below 0', () => {
    const wrong = {
      ...{ hits: Number.NaN, misses: '3', loads: -1, evictions: Number.POSITIVE_INFINITY, bytes: Number.NaN },
      ...{ entries: 4, remote: 'redis', missReasons: { absent: 1, expired: Number.NaN, tag: 'x' } },
    };
    const { counters, gauges, reasons, states } = readAs('cache', wrong);
    expect(counters).toEqual({});
    expect(gauges).toEqual({ entries: 4 });
    expect(reasons).toEqual({ missReasons: { absent: 1 } });
    expect(states).toEqual({});
  });

  it('are bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`n${i}`, i]));
    const { gauges, reasons } = readAs('cache', { hits: 1, misses: 1, ...many, missReasons: many });
    expect(Object.keys(gauges).length).toBeLessThanOrEqual(70);
    expect(Object.keys(reasons['missReasons']!).length).toBeLessThanOrEqual(64);
  });

  it('names that objects have by themselves are names like others', () => {
    const odd: object = JSON.parse(
      '{"hits":1,"misses":0,"__proto__":7,"constructor":8,"missReasons":{"__proto__":2,"toString":3}}',
    );
    const { gauges, reasons } = readAs('cache', odd);
    expect(Object.entries(gauges)).toEqual(
      expect.arrayContaining([
        ['__proto__', 7],
        ['constructor', 8],
      ]),
    );
    expect(Object.entries(reasons['missReasons']!)).toEqual([
      ['__proto__', 2],
      ['toString', 3],
    ]);
  });

  it('an unbounded limit is no number', () => {
    expect(readAs('processor', { active: 0, queued: 0, limit: Infinity }).gauges).toEqual({ active: 0, queued: 0 });
  });

  it.each([[undefined], [null], [7], ['hits']])('%s is refused', (stats) => {
    expect(() => readAs('cache', stats)).toThrow('stats() must return an object of figures');
  });

  it('a promise is refused, and its rejection ends nobody', async () => {
    const rejected = Promise.reject(new Error('later'));
    expect(() => readAs('cache', rejected)).toThrow('stats() must answer at once, got a promise');
    await new Promise((resolve) => setImmediate(resolve));
  });
});
