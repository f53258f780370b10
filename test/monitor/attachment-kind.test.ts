import { describe, expect, it } from 'vitest';
import { CacheManager, createCacheManagerFacade, createKeyvStore } from '../../src/cache/index.js';
import { kindOf } from '../../src/monitor/attachments/attachment-kind.js';
import { cacheDouble, llmDouble, memoryDouble, optimizerDouble, processorDouble } from './attach-doubles.js';

describe('what an object is, by its shape', () => {
  it.each([
    ['the CacheManager', new CacheManager(), 'cache'],
    ['any object that counts hits and misses', cacheDouble({ hits: 0, misses: 0 }), 'cache'],
    ['an LLM cache, though it counts hits and misses too', llmDouble(), 'llm'],
    ['a processor', processorDouble(), 'processor'],
    ['any object that says what is active and queued', { stats: () => ({ active: 0, queued: 0 }) }, 'processor'],
    ['a memory manager', memoryDouble(), 'memory'],
    ['a SQL optimizer, which has no stats', optimizerDouble(), 'optimizer'],
    ['a prompt optimizer', { optimizePrompt: () => '', stats: () => ({ hits: 1, misses: 1 }) }, 'optimizer'],
  ] as const)('%s', (_, value, kind) => {
    expect(kindOf(value)).toBe(kind);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'cache'],
    ['a plain object', { hits: 1, misses: 1 }],
    ['a store made of a cache, which has no figures', createKeyvStore(new CacheManager())],
    ['a facade of a cache', createCacheManagerFacade(new CacheManager())],
    ['an object with methods of other names', { getOrGenerate: () => 1, getOrSet: () => 1 }],
    ['figures of unknown nature', { stats: () => ({ requests: 1 }) }],
    ['stats() that are no object', { stats: () => 7 }],
    [
      'stats() that throw',
      {
        stats: () => {
          throw new Error('not ready');
        },
      },
    ],
    [
      'a getter that throws',
      {
        get stats(): unknown {
          throw new Error('not ready');
        },
      },
    ],
  ])('nothing is known of %s', (_, value) => {
    expect(kindOf(value)).toBeUndefined();
  });

  it.each([
    ['cache', ['getOrSet']],
    ['llm', ['getOrGenerate']],
    ['processor', ['process', 'drain']],
    ['memory', ['checkMemoryUsage']],
  ])('is told of a %s by methods, without asking for figures', (kind, methods) => {
    let asked = 0;
    const stats = (): void => void asked++;
    const value = { stats, ...Object.fromEntries(methods.map((method) => [method, () => 1])) };
    expect(kindOf(value)).toBe(kind);
    expect(asked).toBe(0);
  });
});
