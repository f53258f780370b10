// Records what is alive after each major collection of real processes: `npx tsx test/memory/leaks/record-series.ts [name ...]`.
// What it writes is test data. A run is as long as one window, so that a test may take it for any length of time.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemMemoryReader } from '../../../src/memory/memory-reader.js';

const RUN_MS = 15_000;
const MB = 2 ** 20;
/** A kilobyte of heap in an object and its string. */
const BLOCK_BYTES = 1_048;

type Block = { readonly id: number; readonly text: string };
const block = (id: number): Block => ({ id, text: Buffer.alloc(500, id % 251).toString('hex') });
const blocksOf = (mb: number): number => Math.round((mb * MB) / BLOCK_BYTES);

/** What a process holds at a share of its run, 0 to 1, in Mb above what it begins with. */
const HELD: Readonly<Record<string, (share: number) => number>> = {
  flat: () => 0,
  sawtooth: (share) => 10 * ((share * 6) % 1),
  'slow-sawtooth': (share) => 10 * ((share * 2.5 + 0.3) % 1),
  'warm-up': (share) => 20 * (1 - Math.exp(-6 * share)),
  step: (share) => (share < 0.4 ? 0 : 10),
  'two-steps': (share) => (share < 0.3 ? 0 : share < 0.6 ? 6 : 12),
  // 6,000 and 30,000 requests, each of which leaves a kilobyte behind.
  'slow-leak': (share) => 6 * share,
  'fast-leak': (share) => 30 * share,
  'leak-below-sawtooth': (share) => 20 * share + 6 * ((share * 20) % 1),
  'buffer-leak': () => 0,
  // A cache that fills at one pace, and one that takes nearly all of the run; what it says it holds is recorded too.
  'linear-fill': (share) => 20 * Math.min(1, share / 0.5),
  'long-fill': (share) => 25 * (1 - Math.exp(-1.5 * share)),
  'doubling-set': () => 0,
  'burst-then-leak': (share) => (share > 0.1 && share < 0.16 ? 25 : 0) + 24 * Math.max(0, share - 0.2),
  // As of two days: up, level for a while, down.
  'daily-ramp': (share) => 20 * Math.max(0, Math.min(1, 5 * ((2 * share) % 1) - 1, 12 - 15 * ((2 * share) % 1))),
};
const CACHES: readonly string[] = ['linear-fill', 'long-fill'];
/** Entries: the table of a set is twice as long each time it is full. */
const SET_ENTRIES = 600_000;

async function run(name: string): Promise<void> {
  const base = Array.from({ length: blocksOf(20) }, (_, id) => block(id));
  const held: Block[] = [];
  const buffers: Buffer[] = [];
  const passing: Block[] = [];
  const points: { atMs: number; bytes: number; externalBytes: number; registered?: number }[] = [];
  const set = new Set<number>();
  const reader = systemMemoryReader();
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const stop = reader.watchCollections(({ kind }) => {
    if (kind !== 'major') return;
    const { externalBytes } = reader.heap();
    const registered = CACHES.includes(name) && { registered: held.length * BLOCK_BYTES };
    points.push({ atMs: Math.round(elapsed()), bytes: reader.oldGenerationBytes(), externalBytes, ...registered });
  });
  let id = 0;
  for (let at = elapsed(); at < RUN_MS; at = elapsed()) {
    const wanted = blocksOf(HELD[name]!(at / RUN_MS));
    if (held.length > wanted) held.length = wanted;
    while (held.length < wanted) held.push(block(id++));
    while (name === 'buffer-leak' && buffers.length < (at / RUN_MS) * 24 * 16) buffers.push(Buffer.alloc(MB / 16));
    while (name === 'doubling-set' && set.size < (at / RUN_MS) * SET_ENTRIES) set.add(set.size);
    // Requests in flight: they live long enough to be promoted, and are garbage then.
    for (let i = 0; i < 800; i++) passing.push(block(id++));
    if (passing.length > 4_000) passing.splice(0, 800);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop();
  await new Promise((resolve) =>
    process.send!({ points, alive: base.length + held.length + buffers.length + set.size }, resolve),
  );
  process.disconnect();
}

async function record(name: string): Promise<void> {
  const self = fileURLToPath(import.meta.url);
  const child = fork(self, [name], {
    execArgv: [...process.execArgv, '--max-semi-space-size=1', '--max-old-space-size=90'],
    env: { RECORD: name },
  });
  const [{ points }] = (await once(child, 'message')) as [{ points: object[] }];
  const rows = points.map((point) => `  ${JSON.stringify(point)}`).join(',\n');
  await writeFile(new URL(`series/${name}.json`, import.meta.url), `[\n${rows}\n]\n`);
  console.log(`${name}: ${points.length} major collections`);
}

const asked = process.env['RECORD'];
if (asked !== undefined) await run(asked);
else for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(HELD)) await record(name);
