import { setTimeout as sleep } from 'node:timers/promises';
import { CacheManager } from '../src/cache/index.js';
import { MemoryManager } from '../src/memory/index.js';

/** A process for `test_memory_usage`: started with --expose-gc and a small heap, it says how its memory was. */
const OPERATIONS = 2_000;
const NUMBERS = 10_000;
const MAX_ENTRIES = 50;
/** Reached long before V8's own limit, so that the process is in no danger. */
const CRITICAL_SHARE = 0.4;
/** More than that share of the heap. */
const FILL_MB = 60;

export interface MemoryFigures {
  readonly operations: number;
  /** Alive when the cache was full and everything had run some hundred times, and at the end. */
  readonly settledMb: number;
  readonly endMb: number;
  readonly evictions: number;
  /** At the highest, then after `optimizeMemory()`. */
  readonly criticalShare: number;
  readonly criticalFraction: number;
  readonly criticalLevel: string;
  readonly isAdmittedAtCritical: boolean;
  readonly optimized: { readonly level: string; readonly freedMb: number; readonly kinds: readonly string[] };
  readonly afterFraction: number;
  readonly entriesAfter: number;
}

const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('This needs node --expose-gc.');
const collect = gc;

const cache = new CacheManager<number[]>({ memory: { maxEntries: MAX_ENTRIES } });
const calm = new MemoryManager();
calm.register('cache', cache);

/** The document's operation: a large list, and the list of its doubles. */
const operate = (n: number): Promise<number[]> =>
  cache.getOrSet(`batch:${n % (2 * MAX_ENTRIES)}`, async () => {
    const large = Array.from({ length: NUMBERS }, (_, i) => i + n);
    return large.map((value) => value * 2);
  });

let settledMb = 0;
for (let n = 0; n < OPERATIONS; n++) {
  await operate(n);
  await calm.optimizeMemory();
  if (n === OPERATIONS / 4) settledMb = await aliveMb();
}
const endMb = await aliveMb();
const { evictions } = cache.stats();

const memory = new MemoryManager({ levels: { elevated: 0.3, high: 0.35, critical: CRITICAL_SHARE } });
memory.register('cache', cache);
const answers = new CacheManager<number[]>({ memory: { maxEntries: 1_000_000, maxBytes: 2 ** 40 } });
memory.register('answers', answers);
for (let i = 0; answers.stats().bytes < FILL_MB * 2 ** 20; i++) {
  await answers.set(
    `answer:${i}`,
    Array.from({ length: NUMBERS }, (_, n) => n + i + 0.5),
  );
  // Right after a collection, so that it is no garbage that is critical.
  if (i % 10 === 9) collect();
  if (i % 10 === 9 && memory.checkMemoryUsage().fraction >= CRITICAL_SHARE) break;
}
const critical = memory.checkMemoryUsage();
const isAdmittedAtCritical = memory.admit();
const { level, freedBytes, actions } = await memory.optimizeMemory();
await aliveMb();
const after = memory.checkMemoryUsage();

const figures: MemoryFigures = {
  operations: OPERATIONS,
  settledMb,
  endMb,
  evictions,
  criticalShare: CRITICAL_SHARE,
  criticalFraction: critical.fraction,
  criticalLevel: critical.level,
  isAdmittedAtCritical,
  optimized: { level, freedMb: freedBytes / 2 ** 20, kinds: actions.map(({ kind }) => kind) },
  afterFraction: after.fraction,
  entriesAfter: answers.stats().entries,
};
process.stdout.write(JSON.stringify(figures));
await Promise.all([calm.close(), memory.close(), cache.close(), answers.close()]);

/** After real collections. */
async function aliveMb(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await sleep(10);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
