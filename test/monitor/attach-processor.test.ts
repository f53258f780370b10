import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../src/async/events.js';
import { AsyncProcessor, type AsyncProcessorOptions, permanent } from '../../src/async/index.js';
import { AttachmentBook } from '../../src/monitor/attachments/attachment-book.js';
import { CHANNEL_EVENTS } from '../../src/monitor/attachments/channel-events.js';
import { PerformanceMonitor, type ProcessorLike } from '../../src/monitor/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  for (const name of EVENT_NAMES) expect(channel(`hotpath:async:${name}`).hasSubscribers, name).toBe(false);
});

function world(options: AsyncProcessorOptions = {}) {
  const clock = new ManualClock();
  const monitor = new PerformanceMonitor({ clock });
  const processor = new AsyncProcessor({ name: 'model', clock, closeTimeout: 0, ...options });
  closers.push(
    () => monitor.close(),
    () => processor.close(),
  );
  const sampled = () => {
    clock.advance(2_000);
    return monitor.getPerformanceReport().attachments;
  };
  return { clock, monitor, processor, sampled };
}

const failed = (status: number, headers?: Record<string, string>): Error =>
  Object.assign(new Error('a prompt of the host'), { status, ...(headers && { headers }) });
const publish = (event: string, data: object): void => channel(`hotpath:async:${event}`).publish(data);

/** Lets time pass until a call has come to its end. */
async function ended(clock: ManualClock, call: Promise<unknown>): Promise<unknown> {
  let outcome: unknown;
  const watched = call.then(
    (value) => {
      outcome = value ?? 'well';
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  for (let i = 0; i < 200 && outcome === undefined; i++) {
    await flushMicrotasks();
    clock.advance(50);
  }
  await watched;
  await flushMicrotasks();
  return outcome;
}

describe('an AsyncProcessor that is attached', () => {
  it('is taken by type, and shows every figure of its stats once, as a running total, a figure or a state', async () => {
    const { monitor, processor, sampled } = world({ breaker: true });
    const attached: ProcessorLike = processor;
    monitor.attach({ model: attached });
    await processor.process([1, 2, 3], (n) => n);
    await expect(processor.run(() => Promise.reject(permanent(new Error('no'))))).rejects.toThrow('no');
    const reading = sampled()[0]!;
    expect(reading).toMatchObject({ name: 'model', kind: 'processor', states: { mode: 'on', breaker: 'closed' } });
    expect(reading.counters).toMatchObject({
      completed: 3,
      failed: 1,
      retried: 0,
      timedOut: 0,
      dropped: 0,
      abandoned: 0,
    });
    const { breaker: _, ...stats } = processor.stats();
    for (const [name, value] of Object.entries(stats)) {
      const { counters, gauges } = reading;
      expect([counters[name] ?? gauges[name], name in counters !== name in gauges], name).toEqual([value, true]);
    }
    expect(Object.keys(reading.gauges).sort()).toEqual(['active', 'coolDownMs', 'limit', 'p95Ms', 'queued']);
  });

  it('has its figures in the report, the Prometheus text and the alerts', async () => {
    const { monitor, processor, sampled } = world();
    monitor.attach({ model: processor });
    await processor.process([1, 2], (n) => n);
    sampled();
    expect(monitor.prometheus()).toMatch(/processor_completed_total\{name="model"\} 2/);
    expect(monitor.prometheus()).toMatch(/processor_limit\{name="model"\} 8/);
    expect(monitor.toMarkdown()).toContain('model');
  });

  it('has its pauses and its breaker as marks, without the text of any error, and nothing built for each call', async () => {
    const { clock, monitor, processor } = world({ breaker: { consecutive: 1, cooldown: '1s' }, rateLimit: {} });
    monitor.attach({ model: processor });
    const heard = EVENT_NAMES.filter((name) => channel(`hotpath:async:${name}`).hasSubscribers);
    expect(heard).toEqual(['cooldown', 'breaker', 'rate:local', 'rate:shared']);
    await ended(
      clock,
      processor.run(() => Promise.reject(failed(429, { 'retry-after': '3' }))),
    );
    await ended(
      clock,
      processor.run(() => Promise.reject(failed(500))),
    );
    const marks = monitor.getPerformanceReport().marks;
    const names = marks.map(({ name }) => name);
    expect(names).toContain('async:cooldown');
    expect(names).toContain('async:breaker');
    expect(marks.find(({ name }) => name === 'async:cooldown')?.metadata).toMatchObject({
      ...{ namespace: 'model', ms: 3_000, status: 429 },
    });
    expect(JSON.stringify(marks)).not.toContain('a prompt of the host');
  });
});

describe('an AsyncProcessor that nobody attached', () => {
  function found(options: { calls?: boolean } = {}) {
    const clock = new ManualClock();
    const book = new AttachmentBook({ clock, onTrouble: () => {}, onEvent: () => {} });
    closers.push(() => book.close());
    book.subscribeChannels(options);
    return { clock, book };
  }

  it('has a rule for every event that it publishes', () => {
    expect(CHANNEL_EVENTS.async.rules.map((rule) => rule.event)).toEqual(EVENT_NAMES);
  });

  it('is found by its events, counted as its own figures are, by reason', async () => {
    const { clock, book } = found();
    const processor = new AsyncProcessor({
      name: 'found',
      clock,
      retry: { attempts: 2, backoff: 0 },
      timeout: 100,
      grace: 0,
    });
    closers.push(() => processor.close());
    let calls = 0;
    const first = processor.run(() => {
      if (++calls === 1) throw failed(503);
      return 'well';
    });
    expect(await ended(clock, first)).toBe('well');
    expect(
      await ended(
        clock,
        processor.run(() => new Promise(() => {})),
      ),
    ).toMatchObject({ code: 'TIMEOUT' });
    clock.advance(1);
    await flushMicrotasks();
    const { retried, timedOut, abandoned } = processor.stats();
    const [reading, ...others] = book.readings();
    expect(others).toEqual([]);
    expect(reading).toMatchObject({
      name: 'async:found',
      kind: 'processor',
      counters: { retried, timedOut, abandoned, retriesRefused: 1 },
      reasons: { retryReasons: { overloaded: 2 }, retryRefusals: { attempts: 1 } },
      states: { calls: 'not counted' },
    });
    expect([retried, timedOut]).toEqual([2, 2]);
    expect(channel('hotpath:async:settled').hasSubscribers).toBe(false);
  });

  it('has its calls counted by how they ended, when asked to', async () => {
    const { clock, book } = found({ calls: true });
    const processor = new AsyncProcessor({ name: 'found', clock });
    closers.push(() => processor.close());
    await processor.process([1, 2, 3], (n) => (n === 2 ? Promise.reject(failed(400)) : n), { onError: 'skip' });
    await flushMicrotasks();
    const [reading] = book.readings();
    expect(reading).toMatchObject({ counters: { calls: 3, completed: 2, failed: 1 }, states: {}, gauges: {} });
    expect(processor.stats()).toMatchObject({ completed: 2, failed: 1 });
  });

  it('is in the state that its breaker and its shared limit were last heard to be in, if it is a known one', () => {
    const { book } = found();
    const states = () => book.readings()[0]?.states;
    publish('breaker', { namespace: 'a', state: 'open', reason: 'x' });
    publish('rate:local', { namespace: 'a', reason: 'x', share: 0.5 });
    expect(states()).toMatchObject({ breaker: 'open', rate: 'local' });
    publish('breaker', { namespace: 'a', state: 'constructor', reason: 'x' });
    publish('rate:shared', { namespace: 'a', localMs: 5 });
    expect(states()).toMatchObject({ breaker: 'open', rate: 'shared' });
  });

  it('is counted by its own figures once it is attached under its name', () => {
    const { clock, book } = found();
    const processor = new AsyncProcessor({ name: 'mine', clock });
    closers.push(() => processor.close());
    book.attach({ work: processor });
    publish('drop', { namespace: 'mine', why: 'full' });
    publish('drop', { namespace: 'theirs', why: 'full' });
    expect(book.readings().map(({ name }) => name)).toEqual(['work', 'async:theirs']);
  });

  it('offers each state of a breaker as a mark of its own, once a minute', () => {
    const clock = new ManualClock();
    const told: unknown[] = [];
    const book = new AttachmentBook({ clock, onTrouble: () => {}, onEvent: ({ facts }) => told.push(facts['state']) });
    closers.push(() => book.close());
    book.subscribeChannels();
    for (let i = 0; i < 3; i++) {
      for (const state of ['open', 'half-open', 'closed'])
        publish('breaker', { namespace: 'a', state, reason: 'secret' });
    }
    expect(told).toEqual(['open', 'half-open', 'closed']);
  });
});
