import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryManager, type MemoryManagerOptions } from '../../src/memory/index.js';
import { EVENT_NAMES } from '../../src/memory/memory-events.js';
import { MEMORY_LEVELS } from '../../src/memory/memory-level.js';
import { AttachmentBook } from '../../src/monitor/attachments/attachment-book.js';
import { CHANNEL_EVENTS } from '../../src/monitor/attachments/channel-events.js';
import { type MemoryLike, PerformanceMonitor } from '../../src/monitor/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { ScriptedReader } from '../memory/scripted-reader.js';

const MB = 2 ** 20;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  for (const name of EVENT_NAMES) expect(channel(`hotpath:memory:${name}`).hasSubscribers, name).toBe(false);
});

/** A manager of a process with a heap limit of 1,000 Mb, and something that gives 300 Mb of it back. */
function managed(clock: ManualClock, options: MemoryManagerOptions = {}) {
  const reader = new ScriptedReader();
  const memory = new MemoryManager({ name: 'main', clock, reader, gc: 'off', ...options });
  closers.push(() => memory.close());
  memory.register('answers', {
    trim: () => {
      reader.heapUsedMb -= 300;
      return 300 * MB;
    },
  });
  return { reader, memory };
}

function world(options: MemoryManagerOptions = {}) {
  const clock = new ManualClock();
  const monitor = new PerformanceMonitor({ clock });
  closers.push(() => monitor.close());
  const sampled = () => {
    clock.advance(1_000);
    return monitor.getPerformanceReport().attachments[0]!;
  };
  return { clock, monitor, sampled, ...managed(clock, options) };
}

const publish = (event: string, data: object): void => channel(`hotpath:memory:${event}`).publish(data);

describe('a MemoryManager that is attached', () => {
  it('is taken by type, and shows what it sees and every figure of its stats once', async () => {
    const { monitor, memory, reader, sampled } = world({ interval: '1m' });
    const attached: MemoryLike = memory;
    monitor.attach({ memory: attached });
    reader.heapUsedMb = 950;
    memory.start();
    await flushMicrotasks();
    expect(memory.admit()).toBe(false);
    reader.collect(600);
    const reading = sampled();
    expect(reading).toMatchObject({ name: 'memory', kind: 'memory', reasons: {} });
    expect(reading.counters).toMatchObject({ trims: 1, freedBytes: 300 * MB, refused: 1, majorCollections: 1 });
    expect(reading.gauges).toMatchObject({ heapUsedMb: 600, heapLimitMb: 1_000, limitMb: 2_000 });
    for (const [name, value] of Object.entries(memory.stats())) {
      if (typeof value !== 'number') continue;
      const { counters, gauges } = reading;
      expect([counters[name] ?? gauges[name], name in counters !== name in gauges], name).toEqual([value, true]);
    }
    const use = ['availableMb', 'externalMb', 'fraction', 'heapLimitMb', 'heapUsedMb', 'limitMb', 'rssMb'];
    expect(Object.keys(reading.gauges).sort()).toEqual([...use, 'liveBytes'].sort());
  });

  it('shows its mode, its level, and which limit is nearest and where that of the process comes from', () => {
    const { monitor, memory, reader, sampled } = world();
    monitor.attach({ memory });
    expect(sampled().states).toEqual({ mode: 'on', level: 'normal', signal: 'heap', limitSource: 'constrained' });
    reader.rssMb = 1_900;
    memory.mode = 'observe';
    expect(sampled().states).toMatchObject({ mode: 'observe', level: 'critical', signal: 'rss' });
  });

  it('has its figures in the Prometheus text and the report, megabytes as bytes', async () => {
    const { monitor, memory, reader, sampled } = world();
    reader.heapUsedMb = 850;
    await memory.optimizeMemory();
    monitor.attach({ memory });
    sampled();
    const text = monitor.prometheus();
    expect(text).toMatch(/memory_trims_total\{name="memory"\} 1/);
    expect(text).toMatch(new RegExp(`memory_freed_bytes_total\\{name="memory"\\} ${300 * MB}`));
    expect(text).toMatch(new RegExp(`memory_heap_used_bytes\\{name="memory"\\} ${550 * MB}`));
    expect(text).toMatch(/memory_level_state\{name="memory",state="high"\} 1/);
    expect(monitor.toMarkdown()).toContain('limitSource');
  });

  it('is read without stats() too, and its figures stay where they fail', async () => {
    const { monitor, memory, sampled } = world();
    const { checkMemoryUsage } = memory;
    const bare = { checkMemoryUsage: () => checkMemoryUsage.call(memory) };
    const broken = Object.assign({ stats: () => ({ trims: 3 }) }, bare);
    monitor.attach({ bare, broken });
    broken.stats = () => {
      throw new Error('no figures');
    };
    expect(sampled().counters).toEqual({});
    expect(monitor.getPerformanceReport().attachments[1]).toMatchObject({
      ...{ counters: { trims: 3 }, states: { reading: 'stale', level: 'normal' } },
    });
  });

  it('has high and critical levels and leaks as marks, and nothing built for each call', async () => {
    const { clock, monitor, memory, reader } = world();
    monitor.attach({ memory });
    const heard = EVENT_NAMES.filter((name) => channel(`hotpath:memory:${name}`).hasSubscribers);
    expect(heard).toEqual(['level', 'leak']);
    for (const heapUsedMb of [750, 920, 100]) {
      reader.heapUsedMb = heapUsedMb;
      memory.checkMemoryUsage();
      clock.advance(10_000);
      memory.checkMemoryUsage();
      await flushMicrotasks();
    }
    expect(memory.stats().levelChanges).toBe(3);
    publish('leak', {
      namespace: 'main',
      what: 'heap',
      mbPerMinute: 2,
      confidence: 0.99,
      liveMb: 120,
      msToLimit: 5,
      points: 30,
    });
    const marks = monitor.getPerformanceReport().marks.filter(({ name }) => name.startsWith('memory:'));
    expect(marks).toMatchObject([
      {
        name: 'memory:level',
        metadata: { namespace: 'main', level: 'critical', previous: 'elevated', signal: 'heap', fraction: 0.92 },
      },
      { name: 'memory:leak', metadata: { namespace: 'main', what: 'heap', mbPerMinute: 2, confidence: 0.99 } },
    ]);
  });
});

describe('a MemoryManager that nobody attached', () => {
  function found(options: { calls?: boolean } = {}) {
    const clock = new ManualClock();
    const book = new AttachmentBook({ clock, onTrouble: () => {}, onEvent: () => {} });
    closers.push(() => book.close());
    book.subscribeChannels(options);
    return { clock, book };
  }

  it('has a rule for every event that it publishes, and the levels that there are', () => {
    const { rules } = CHANNEL_EVENTS.memory;
    expect(rules.map((rule) => rule.event)).toEqual(EVENT_NAMES);
    expect(rules[0]?.state).toMatchObject({ field: 'level', values: MEMORY_LEVELS });
  });

  it('is found by its events, counted as its own figures are', async () => {
    const { clock, book } = found();
    const { reader, memory } = managed(clock, { gc: 'exposed' });
    memory.register('pool', {
      trim: () => {
        throw new Error('not now');
      },
    });
    reader.heapUsedMb = 950;
    await memory.optimizeMemory();
    for (const _ of [1, 2, 3]) {
      reader.heapUsedMb = 950;
      memory.checkMemoryUsage();
      expect(memory.admit()).toBe(false);
      clock.advance(1_001);
    }
    await flushMicrotasks();
    const { levelChanges, trims, freedBytes, forcedCollections, refused } = memory.stats();
    expect([levelChanges, trims, freedBytes, refused]).toEqual([1, 1, 300 * MB, 3]);
    const [reading, ...others] = book.readings();
    expect(others).toEqual([]);
    expect(reading).toMatchObject({
      name: 'memory:main',
      kind: 'memory',
      counters: { levelChanges, trims, freedBytes, refused, trimSteps: 2, sheds: 3, errors: 1 },
      reasons: { trimOutcomes: { freed: 1, failed: 1 } },
      states: { level: 'critical', calls: 'not counted' },
    });
    expect(reading?.counters['forcedCollections'] ?? 0).toBe(forcedCollections);
    expect(channel('hotpath:memory:call').hasSubscribers).toBe(false);
  });

  it('has its calls counted by whose the figures are, when asked to', () => {
    const { book } = found({ calls: true });
    for (const attribution of ['exclusive', 'overlapped', 'overlapped']) {
      publish('call', { namespace: 'main', name: 'Reports.load', attribution, heapMb: 1 });
    }
    expect(book.readings()).toMatchObject([
      { counters: { calls: 3 }, reasons: { attributions: { exclusive: 1, overlapped: 2 } }, states: {} },
    ]);
    expect(JSON.stringify(book.readings())).not.toContain('Reports');
  });

  it('has amounts added up, if they are amounts', () => {
    const { book } = found();
    for (const refused of [3, 4, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', undefined]) {
      publish('shed', { namespace: 'main', level: 'critical', refused });
    }
    publish('gc', { namespace: 'main', ms: 80, freedBytes: 5 });
    publish('gc', { namespace: 'main', ms: 40, freedBytes: 5 });
    expect(book.readings()[0]?.counters).toEqual({
      ...{ sheds: 7, refused: 7, forcedCollections: 2, forcedCollectionMs: 120 },
    });
  });

  it('is in the level that it was last heard to be in, if it is one', () => {
    const { book } = found();
    for (const level of ['high', 'elevated', 'constructor']) publish('level', { namespace: 'main', level });
    expect(book.readings()[0]?.states).toMatchObject({ level: 'elevated' });
  });

  it('is counted by its own figures once it is attached under its name', () => {
    const { clock, book } = found();
    const { memory } = managed(clock);
    book.attach({ heap: memory });
    for (const namespace of ['main', 'other']) publish('trim', { namespace, outcome: 'freed', freedBytes: 1 });
    expect(book.readings().map(({ name }) => name)).toEqual(['heap', 'memory:other']);
  });
});
