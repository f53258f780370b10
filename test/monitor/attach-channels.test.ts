import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../src/cache/events.js';
import { CacheManager } from '../../src/cache/index.js';
import { AttachmentBook } from '../../src/monitor/attachments/attachment-book.js';
import { CHANNEL_EVENTS, type ChannelModule } from '../../src/monitor/attachments/channel-events.js';
import type { ChannelEvent } from '../../src/monitor/attachments/channel-marks.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
  for (const name of EVENT_NAMES) expect(channel(`hotpath:cache:${name}`).hasSubscribers, name).toBe(false);
});

function world(withMarks = true) {
  const clock = new ManualClock();
  const troubles: string[] = [];
  const events: ChannelEvent[] = [];
  const book = new AttachmentBook({
    clock,
    onTrouble: (_, during) => troubles.push(during),
    ...(withMarks && { onEvent: (event: ChannelEvent) => events.push(event) }),
  });
  closers.push(() => book.close());
  const names = (): string[] => book.readings().map((reading) => reading.name);
  return { clock, book, troubles, events, names };
}

const publish = (event: string, data: unknown): void => channel(`hotpath:cache:${event}`).publish(data);

describe('counting what is published', () => {
  it('knows every event that the cache publishes', () => {
    expect(CHANNEL_EVENTS.cache.rules.map((rule) => rule.event)).toEqual(EVENT_NAMES);
  });

  it('finds a cache that was not attached, and counts its misses by reason', async () => {
    const { book } = world();
    book.subscribeChannels();
    const cache = new CacheManager<number>({ namespace: 'found' });
    await cache.getOrSet('a', () => 1);
    await cache.get('a');
    await cache.get('b');
    await cache.delete('a');
    await flushMicrotasks();
    const [reading, ...others] = book.readings();
    expect(others).toEqual([]);
    expect(reading).toMatchObject({
      name: 'cache:found',
      kind: 'cache',
      counters: { misses: 2, sets: 1, invalidations: 1 },
      reasons: { missReasons: { absent: 2 }, invalidationKinds: { key: 1 } },
    });
  });

  it('leaves hits out, which would cost every hit, and gives no rate without them', async () => {
    const { book } = world();
    book.subscribeChannels();
    expect(channel('hotpath:cache:hit').hasSubscribers).toBe(false);
    const cache = new CacheManager<number>({ namespace: 'found' });
    await cache.getOrSet('a', () => 1);
    await cache.get('a');
    await flushMicrotasks();
    book.sample();
    const [reading] = book.readings();
    expect(reading?.counters).not.toHaveProperty('hits');
    expect(reading?.gauges).toEqual({});
    expect(reading?.states).toEqual({ hits: 'not counted' });
  });

  it('counts hits by tier when asked to, and gives rates', async () => {
    const { clock, book } = world();
    book.subscribeChannels({ hits: true });
    const cache = new CacheManager<number>({ namespace: 'found' });
    await cache.getOrSet('a', () => 1);
    await cache.get('a');
    cache.peek('a');
    await cache.getOrSet('a', () => 2);
    await flushMicrotasks();
    publish('hit', { namespace: 'found', tier: 'remote' });
    clock.advance(1_000);
    book.sample();
    const [reading] = book.readings();
    expect(reading?.counters).toMatchObject({ hits: 4, misses: 1, memoryHits: 3, remoteHits: 1 });
    expect(reading?.gauges).toMatchObject({ hitRate: 0.8, hitRateRecent: 0.8, remoteHitRateRecent: 0.2 });
    expect(reading?.states).toEqual({});
  });

  it('counts nothing of an attached cache, whose own figures say more', async () => {
    const { book, names } = world();
    const cache = new CacheManager<number>({ namespace: 'mine' });
    book.subscribeChannels();
    const detach = book.attach({ cache });
    await cache.get('a');
    publish('miss', { namespace: 'theirs', reason: 'absent' });
    await flushMicrotasks();
    expect(names()).toEqual(['cache', 'cache:theirs']);
    detach();
    await cache.get('a');
    await flushMicrotasks();
    expect(names()).toEqual(['cache:theirs', 'cache:mine']);
    book.attach({ cache });
    expect(names()).toEqual(['cache', 'cache:theirs']);
  });

  it('takes a second cache of the same namespace for the attached one', async () => {
    const { book, names } = world();
    book.subscribeChannels();
    book.attach({ cache: new CacheManager({ namespace: 'shared' }) });
    await new CacheManager({ namespace: 'shared' }).get('a');
    await flushMicrotasks();
    expect(names()).toEqual(['cache']);
  });

  it('never gives one name twice', () => {
    const { book, names } = world();
    book.subscribeChannels();
    publish('miss', { namespace: 'a', reason: 'absent' });
    book.attach({ 'cache:a': { stats: () => ({ hits: 0, misses: 0 }) } });
    expect(names()).toEqual(['cache:a']);
  });

  it('is bounded in namespaces and reasons, and takes any message', () => {
    const { book, troubles } = world();
    book.subscribeChannels();
    for (let i = 0; i < 150; i++) publish('miss', { namespace: `n${i}`, reason: `r${i}` });
    for (let i = 0; i < 150; i++) publish('miss', { namespace: 'n0', reason: i === 0 ? 'constructor' : `r${i}` });
    for (const message of [undefined, null, 7, 'x', {}, { namespace: 7, reason: 7 }]) publish('miss', message);
    const readings = book.readings();
    expect(readings).toHaveLength(101);
    expect(readings.at(-1)).toMatchObject({ name: 'cache:(other)', counters: { misses: 52 } });
    const { missReasons } = readings[0]!.reasons;
    expect(Object.keys(missReasons!)).toHaveLength(33);
    expect(missReasons).toMatchObject({ r0: 1, constructor: 1, '(other)': 120 - 1 });
    expect(troubles).toEqual([]);
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'disk', 7, undefined, Object.create(null)])(
    'counts a hit of tier %o as a hit, and as one of no tier',
    (tier) => {
      const { book, troubles } = world();
      book.subscribeChannels({ hits: true });
      publish('hit', { namespace: 'n', tier });
      expect(book.readings()[0]?.counters).toEqual({ hits: 1 });
      expect(troubles).toEqual([]);
    },
  );

  it('ends by the function it returns, and refuses to begin twice', () => {
    const { book } = world();
    const end = book.subscribeChannels();
    expect(() => book.subscribeChannels()).toThrow(/^subscribeChannels must be ended before it is called again/);
    end();
    end();
    expect(channel('hotpath:cache:miss').hasSubscribers).toBe(false);
    book.subscribeChannels();
    end();
    expect(channel('hotpath:cache:miss').hasSubscribers).toBe(true);
  });

  it.each([
    [{ modules: ['database'] }, /^modules must be a list of some of cache, async, memory, got \["database"\]/],
    [{ modules: [] }, /^modules must be/],
    [{ modules: 'cache' }, /^modules must be/],
    [{ hits: 'yes' }, /^hits must be true or false/],
    [{ calls: 1 }, /^calls must be true or false/],
    [{ module: ['cache'] }, /^module must be absent/],
    [null, /^options must be an object/],
  ])('refuses %j', (options, message) => {
    const { book } = world();
    expect(() => book.subscribeChannels(options as never)).toThrow(message);
    expect(channel('hotpath:cache:miss').hasSubscribers).toBe(false);
  });

  it('takes the modules that are named', () => {
    const { book } = world();
    book.subscribeChannels({ modules: Object.keys(CHANNEL_EVENTS) as ChannelModule[] });
    expect(channel('hotpath:cache:miss').hasSubscribers).toBe(true);
  });
});

describe('changes of state', () => {
  it('of attached caches are offered without any other subscription, and with no word of keys', async () => {
    const { clock, book, events } = world();
    book.attach({ cache: new CacheManager({ namespace: 'mine' }) });
    const subscribed = EVENT_NAMES.filter((name) => channel(`hotpath:cache:${name}`).hasSubscribers);
    expect(subscribed).toEqual(['load:error', 'remote:down', 'remote:up', 'bus:gap']);
    publish('remote:down', { namespace: 'theirs', reason: 'ECONNREFUSED' });
    publish('remote:down', { namespace: 'mine', reason: 'ECONNREFUSED' });
    const error = Object.assign(new TypeError('secret'), { code: 'E_DOWN' });
    publish('load:error', { namespace: 'mine', key: 'user:7', error, servedStale: true });
    const at = clock.now();
    expect(events).toEqual([
      { module: 'cache', event: 'remote:down', namespace: 'mine', at, facts: { reason: 'ECONNREFUSED' }, heldBack: 0 },
      {
        ...{ module: 'cache', event: 'load:error', namespace: 'mine', at, heldBack: 0 },
        facts: { error: 'E_DOWN', servedStale: true },
      },
    ]);
  });

  it('name an error by its code or type, never by its text', () => {
    const { clock, book, events } = world();
    book.subscribeChannels();
    for (const error of [new TypeError('secret'), 'secret', undefined]) {
      publish('load:error', { namespace: 'a', key: 'k', error, servedStale: false });
      clock.advance(60_000);
    }
    expect(events.map((one) => one.facts['error'])).toEqual(['TypeError', 'string', 'undefined']);
  });

  it('end with the last attached cache', () => {
    const { book } = world();
    const first = book.attach({ a: new CacheManager() });
    const second = book.attach({ b: new CacheManager() });
    first();
    expect(channel('hotpath:cache:bus:gap').hasSubscribers).toBe(true);
    second();
    expect(channel('hotpath:cache:bus:gap').hasSubscribers).toBe(false);
  });

  it('are offered once of a kind and minute, with the number of those held back', () => {
    const { clock, book, events } = world();
    book.subscribeChannels();
    for (let i = 0; i < 30; i++) {
      publish('remote:down', { namespace: 'a', reason: 'x' });
      publish('remote:up', { namespace: 'a', downMs: 500 });
      clock.advance(1_000);
    }
    expect(events.map((one) => one.event)).toEqual(['remote:down', 'remote:up']);
    clock.advance(30_000);
    publish('remote:down', { namespace: 'b', reason: 'x' });
    expect(events.slice(2)).toMatchObject([{ event: 'remote:down', namespace: 'b', heldBack: 29 }]);
  });

  it('are offered once though the cache is attached and channels are counted', () => {
    const { book, events } = world();
    book.attach({ cache: new CacheManager({ namespace: 'mine' }) });
    book.subscribeChannels();
    publish('bus:gap', { namespace: 'mine', reason: 'lost' });
    publish('bus:gap', { namespace: 'mine', reason: 'lost' });
    expect(events).toMatchObject([{ event: 'bus:gap', facts: { reason: 'lost' } }]);
    expect(book.readings().map((reading) => reading.name)).toEqual(['cache']);
  });

  it('stand in the reading of a cache that was found', () => {
    const { book } = world();
    book.subscribeChannels();
    publish('remote:down', { namespace: 'a', reason: 'x' });
    expect(book.readings()[0]?.states).toMatchObject({ remote: 'open' });
    publish('remote:up', { namespace: 'a', downMs: 1 });
    expect(book.readings()[0]).toMatchObject({
      states: { remote: 'closed' },
      counters: { remoteDowns: 1, remoteUps: 1 },
    });
  });

  it('never throw into who publishes, nor as an uncaught exception', async () => {
    const uncaught: unknown[] = [];
    const onUncaught = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', onUncaught);
    const troubles: string[] = [];
    const clock = new ManualClock();
    const book = new AttachmentBook({
      clock,
      onEvent: () => {
        throw new Error('a mark that fails');
      },
      onTrouble: (_, during) => {
        troubles.push(during);
        throw new Error('a report that fails');
      },
    });
    closers.push(() => book.close());
    book.subscribeChannels();
    publish('remote:down', { namespace: 'a', reason: 'x' });
    await flushMicrotasks();
    await flushMicrotasks();
    process.off('uncaughtException', onUncaught);
    expect(troubles).toEqual(['an event on hotpath:cache:remote:down']);
    expect(uncaught).toEqual([]);
    expect(book.readings()[0]?.counters).toEqual({ remoteDowns: 1 });
  });
});
