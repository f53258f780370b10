// Child of connection-reuse.bench.ts: makes the calls it is told to make, and says how long they took.
import { existsSync } from 'node:fs';
import { Agent, fetch as undiciFetch } from 'undici';
import type { createModelFetch as CreateModelFetch } from '../src/async/connections/model-fetch.js';
import type { CallerOrder, CallerRound } from './connection-reuse-callers.js';
import { percentile } from './service/workload.js';

const BUILT = new URL('../dist/async/index.js', import.meta.url);
if (!existsSync(BUILT)) throw new Error('dist is missing. Run: npm run build');
const { createModelFetch } = (await import(BUILT.href)) as { createModelFetch: typeof CreateModelFetch };
const url = process.argv[2]!;

interface Caller {
  fetch(url: string): Promise<{ text(): Promise<string> }>;
  stats?(): CallerRound['stats'];
  close(): Promise<void>;
}

function ours(options: Parameters<typeof createModelFetch>[0]): Caller {
  const fetch = createModelFetch(options);
  return { fetch, stats: fetch.stats, close: fetch.close };
}

const CALLERS: Readonly<Record<string, () => Caller>> = {
  createModelFetch: () => ours({}),
  'createModelFetch, keepAlive 0': () => ours({ keepAlive: 0 }),
  'undici fetch, its own agent': () => {
    const dispatcher = new Agent({ connections: 16 });
    return { fetch: (to) => undiciFetch(to, { dispatcher }), close: () => dispatcher.close() };
  },
  "Node's global fetch": () => ({ fetch: (to) => fetch(to), close: () => Promise.resolve() }),
};

async function run({ name, calls, atOnce, bytes }: CallerOrder): Promise<CallerRound> {
  const caller = CALLERS[name]!();
  const times: number[] = [];
  let left = calls;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const began = performance.now();
      const text = await (await caller.fetch(url)).text();
      times.push(performance.now() - began);
      if (text.length !== bytes) throw new Error(`${name} got ${text.length} bytes, not ${bytes}.`);
    }
  };
  (globalThis as { gc?: () => void }).gc?.();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const stats = caller.stats?.();
  await caller.close();
  return { ms, cpuMs: (user + system) / 1_000, p95Ms: percentile(times, 0.95), ...(stats && { stats }) };
}

process.on('message', (order: CallerOrder) => {
  void run(order).then((round) => process.send!(round));
});
