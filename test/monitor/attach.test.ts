import { channel } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import { AttachmentBook } from '../../src/monitor/attachments/attachment-book.js';
import { ManualClock } from '../manual-clock.js';
import { cacheDouble, llmDouble, memoryDouble, optimizerDouble, processorDouble } from './attach-doubles.js';

interface Trouble {
  readonly error: unknown;
  readonly during: string;
}

function world() {
  const clock = new ManualClock();
  const troubles: Trouble[] = [];
  const book = new AttachmentBook({ clock, onTrouble: (error, during) => troubles.push({ error, during }) });
  const tick = (ms = 1_000): void => {
    clock.advance(ms);
    book.sample();
  };
  const reading = (name: string) => book.readings().find((one) => one.name === name);
  return { clock, book, troubles, tick, reading };
}

describe('attaching', () => {
  it('reads the figures of a CacheManager at once and at every sample, under the name it was given', async () => {
    const { clock, book, tick, reading } = world();
    const cache = new CacheManager({ clock });
    book.attach({ cache });
    expect(reading('cache')).toMatchObject({ kind: 'cache', counters: { hits: 0, misses: 0 } });
    await cache.getOrSet('a', () => 1);
    await cache.get('a');
    await cache.get('a');
    await cache.get('a');
    expect(reading('cache')?.counters['hits']).toBe(0);
    tick();
    expect(reading('cache')?.counters).toMatchObject({ hits: 3, misses: 1 });
    expect(reading('cache')?.gauges).toMatchObject({ hitRate: 0.75, hitRateRecent: 0.75, memoryHitRateRecent: 0.75 });
    expect(reading('cache')?.gauges).not.toHaveProperty('remoteHitRateRecent');
  });

  it('takes several at once, in their order', () => {
    const { book } = world();
    book.attach({ ask: llmDouble(), work: processorDouble(), memory: memoryDouble(), sql: optimizerDouble() });
    expect(book.readings().map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'ask: llm',
      'work: processor',
      'memory: memory',
      'sql: optimizer',
    ]);
  });

  it('ends by the function it returns, which may be called twice, and lets a name be used again', () => {
    const { book, reading } = world();
    const detach = book.attach({ cache: cacheDouble({ hits: 1, misses: 0 }) });
    detach();
    expect(book.readings()).toEqual([]);
    book.attach({ cache: cacheDouble({ hits: 2, misses: 0 }) });
    detach();
    expect(reading('cache')?.counters['hits']).toBe(2);
  });

  it('refuses a name that is taken, and then attaches none of the others', () => {
    const { book } = world();
    book.attach({ cache: llmDouble() });
    expect(() => book.attach({ other: llmDouble(), cache: llmDouble() })).toThrow(
      /^attach\.cache must be under a name that is not attached yet/,
    );
    expect(book.readings()).toHaveLength(1);
  });

  it('refuses what it does not recognise, naming it and what was expected', () => {
    const { book } = world();
    expect(() => book.attach({ fine: llmDouble(), odd: { name: 'x' } })).toThrow(InvalidOptionError);
    expect(() => book.attach({ odd: { name: 'x' } })).toThrow(
      /^attach\.odd must be a cache, an LLM cache.*got \{"name":"x"\}/,
    );
    expect(() => book.attach({ odd: undefined as never })).toThrow(/^attach\.odd must be .* got undefined/);
    expect(() => book.attach(null as never)).toThrow(/^attach must be objects by name/);
    expect(() => book.attach({ '': llmDouble() })).toThrow(/names that are not empty/);
    expect(book.readings()).toEqual([]);
  });

  it('refuses an object without a name, and says how to give it one', () => {
    const { book } = world();
    expect(() => book.attach(new CacheManager() as never)).toThrow(
      'attach must be objects by name, as in attach({ cache }), got an instance of CacheManager',
    );
  });

  it('holds 50 objects and no more', () => {
    const { book } = world();
    for (let i = 0; i < 50; i++) book.attach({ [`cache ${i}`]: cacheDouble({ hits: 0, misses: 0 }) });
    expect(() => book.attach({ more: llmDouble() })).toThrow('attach must be at most 50 objects in all, got 51');
    expect(book.readings()).toHaveLength(50);
  });

  it('keeps nothing after close, and takes nothing', () => {
    const { book, tick } = world();
    book.attach({ cache: llmDouble() });
    book.close();
    book.close();
    expect(book.readings()).toEqual([]);
    book.attach({ cache: llmDouble() });
    tick();
    expect(book.readings()).toEqual([]);
  });

  it('subscribes to nothing by itself', () => {
    const { book } = world();
    book.attach({ cache: new CacheManager() });
    expect(channel('hotpath:cache:hit').hasSubscribers).toBe(false);
    expect(channel('hotpath:cache:remote:down').hasSubscribers).toBe(false);
  });
});

describe('figures that can not be read', () => {
  it('are reported once; the last ones stay and are marked stale, and the others go on', () => {
    const { book, troubles, tick, reading } = world();
    const good = cacheDouble({ hits: 1, misses: 0 });
    let broken = false;
    const bad = {
      getOrSet: () => 1,
      stats: () => {
        if (broken) throw new Error('gone');
        return { hits: 5, misses: 5 };
      },
    };
    book.attach({ bad, good });
    broken = true;
    good.figures = { hits: 2, misses: 0 };
    tick();
    tick();
    expect(reading('bad')).toMatchObject({ counters: { hits: 5, misses: 5 }, states: { reading: 'stale' } });
    expect(reading('good')).toMatchObject({ counters: { hits: 2 }, states: {} });
    expect(troubles).toEqual([{ error: new Error('gone'), during: "the figures of 'bad'" }]);
    broken = false;
    tick();
    expect(reading('bad')?.states).toEqual({});
    broken = true;
    tick();
    expect(troubles).toHaveLength(2);
  });

  it('do not keep an object from being attached', () => {
    const { book, troubles, reading } = world();
    book.attach({ cache: { getOrSet: () => 1, stats: () => Promise.resolve({ hits: 1 }) } });
    expect(reading('cache')).toMatchObject({ kind: 'cache', counters: {}, states: { reading: 'stale' } });
    expect(troubles).toHaveLength(1);
  });
});

describe('rates over time', () => {
  it('follow the last minute of an attached cache, and start anew where the object behind it is another', () => {
    const { book, tick, reading } = world();
    const cache = cacheDouble({ hits: 0, misses: 0, memoryHits: 0 });
    book.attach({ cache });
    for (let i = 1; i <= 120; i++) {
      cache.figures = { hits: i * 9, misses: i, memoryHits: i * 9 };
      tick();
    }
    expect(reading('cache')?.gauges).toMatchObject({ hitRate: 0.9, hitRateRecent: 0.9, memoryHitRateRecent: 0.9 });
    cache.figures = { hits: 0, misses: 0, memoryHits: 0 };
    tick();
    for (let i = 1; i <= 66; i++) {
      cache.figures = { hits: i, misses: i, memoryHits: i };
      tick();
    }
    expect(reading('cache')?.gauges['hitRateRecent']).toBe(0.5);
    expect(reading('cache')?.gauges['hitRateHour']).toBeCloseTo((120 * 9 + 66) / (120 * 10 + 132), 5);
    for (let i = 0; i < 66; i++) tick();
    expect(reading('cache')?.gauges).not.toHaveProperty('hitRateRecent');
    expect(reading('cache')?.gauges['hitRate']).toBe(0.5);
  });
});
