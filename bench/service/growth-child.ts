// Child of the targets: a full cache under churn. Prints the heap after each window of reads, loads and invalidations.
import { loadSubject } from '../subject.js';
import { seededRandom, zipf } from './workload.js';

const windows = Number(process.argv[2] ?? '12');
const READS = 50_000;
const { CacheManager } = await loadSubject();
const cache = new CacheManager<{ rows: number[] }>({ ttl: '1m', memory: { maxEntries: 10_000 } });
const random = seededRandom(7);
const next = zipf(1_000_000, random);
const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('This needs node --expose-gc.');

const heapMb: number[] = [];
for (let window = 0; window < windows; window++) {
  for (let i = 0; i < READS; i++) {
    const n = next();
    await cache.getOrSet(`report:${n}`, async () => ({ rows: [n, i] }), { tags: [`table:${n % 5_000}`] });
    if (i % 500 === 0) await cache.invalidateTags([`table:${Math.floor(random() * 5_000)}`]);
    if (i % 2_000 === 0) await cache.invalidate(`report:${Math.floor(random() * 100)}*`);
  }
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  heapMb.push(process.memoryUsage().heapUsed / 2 ** 20);
}
await cache.close();
process.stdout.write(JSON.stringify({ heapMb, reads: READS * windows }));
