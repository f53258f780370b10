// How many bytes does an entry cost, beyond its key and its value? Each store in a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../src/cli/contest.js';
import { publish } from './publish.js';
import { loadSubject } from './subject.js';

const STORES = ['Map', 'quick-lru', 'lru-cache', 'hotpath (lru)', 'hotpath (cost)', 'hotpath (lru, tagged)'] as const;
const ENTRIES = 100_000;
const run = promisify(execFile);

await publish(async ({ quick }) => {
  const subject = await loadSubject();
  const bytes = new Map<string, number[]>(STORES.map((store) => [store, []]));
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    for (const store of STORES) bytes.get(store)!.push(await measure(store));
  }
  const versions: Readonly<Record<string, string>> = {
    Map: `Node ${process.versions.node}`,
    'quick-lru': subject.quickLruVersion,
    'lru-cache': subject.packages.version('lru-cache'),
  };
  return {
    title: 'Heap for one entry',
    about:
      `${ENTRIES.toLocaleString('en-US')} entries, all kept; heap and array buffers after a full collection minus those before the store was built, in a fresh process ` +
      'with --expose-gc. Keys and values are made beforehand, so what is counted is the store alone. Every store has a ttl, Map has none. Median of the runs.',
    rows: STORES.map((store) => ({
      store,
      version: versions[store] ?? subject.version,
      'bytes an entry': median(bytes.get(store)!),
      'beside Map': median(bytes.get(store)!) / median(bytes.get('Map')!),
    })),
    figures: { lruBytes: median(bytes.get('hotpath (lru)')!), costBytes: median(bytes.get('hotpath (cost)')!) },
  };
});

async function measure(store: string): Promise<number> {
  const child = fileURLToPath(new URL('./heap-child.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--expose-gc', '--import', 'tsx', child, store, String(ENTRIES)]);
  const { bytes, kept } = JSON.parse(stdout) as { bytes: number; kept: number };
  if (kept !== ENTRIES) throw new Error(`${store} kept ${kept} of ${ENTRIES} entries.`);
  return bytes / ENTRIES;
}
