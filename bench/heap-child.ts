// Child of heap-per-entry: fills one store and prints what the heap grew by, as JSON.
import QuickLRU from 'quick-lru';
import { loadSubject } from './subject.js';

interface Store {
  set(key: string, value: object): unknown;
  has(key: string): unknown;
}

const TTL_MS = 3_600_000;
const [name = '', count = '0'] = process.argv.slice(2);
const entries = Number(count);

/** Loads what the store needs; the store itself is built by the function returned, once the heap was read. */
async function prepare(): Promise<() => Store> {
  const { CacheManager, packages } = await loadSubject();
  const ours = (policy: 'lru' | 'cost', tags?: string[]): Store => {
    const cache = new CacheManager<object>({ ttl: TTL_MS, memory: { maxEntries: entries, policy } });
    return {
      set: (key, value) => cache.set(key, value, tags ? { tags } : {}),
      has: (key) => cache.peek(key) !== undefined,
    };
  };
  switch (name) {
    case 'Map':
      return () => new Map<string, object>();
    case 'quick-lru':
      return () => new QuickLRU<string, object>({ maxSize: entries, maxAge: TTL_MS });
    case 'lru-cache': {
      const { LRUCache } = (await packages.load('lru-cache')) as {
        LRUCache: new (options: { max: number; ttl: number }) => Store;
      };
      return () => new LRUCache({ max: entries, ttl: TTL_MS });
    }
    case 'hotpath (lru)':
      return () => ours('lru');
    case 'hotpath (cost)':
      return () => ours('cost');
    case 'hotpath (lru, tagged)':
      return () => ours('lru', ['table:sales']);
    default:
      throw new Error(`There is no store called ${name}.`);
  }
}

const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('This needs node --expose-gc.');

async function heapUsed(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    gc!();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const build = await prepare();
const keys = Array.from({ length: entries }, (_, i) => JSON.parse(`"report:${i}"`) as string);
const values = keys.map((_, i) => ({ id: i }));
const before = await heapUsed();
const store = build();
for (let i = 0; i < entries; i++) await store.set(keys[i]!, values[i]!);
const after = await heapUsed();
const kept = keys.filter((key) => store.has(key)).length;
process.stdout.write(JSON.stringify({ bytes: after - before, kept }));
