// Child of memory-cost: does the same work with a MemoryManager or without, and prints the CPU time of the process, as JSON.
import { loadMemory } from './memory-subject.js';

const [name = '', milliseconds = '0', kind = 'idle'] = process.argv.slice(2);
const { MemoryManager } = await loadMemory();

/** Looks ten times as often as by default, so that what they cost can be told from the noise. */
const memory = new MemoryManager({ interval: '100ms' });
if (name === 'with') memory.start();

const kept: object[] = [];

/** Rows as a service makes them: most die young, some live on, the oldest are let go. */
function allocate(): void {
  for (let i = 0; i < 300; i++) kept.push({ id: i, values: new Array(20).fill(i / 7) });
  if (kept.length > 60_000) kept.splice(0, 30_000);
}

const end = performance.now() + Number(milliseconds);
const before = process.cpuUsage();
let rounds = 0;
if (kind === 'idle') {
  await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
} else {
  // The same number of rounds for both: what they take is what is compared.
  while (rounds < Number(milliseconds) * 2) {
    allocate();
    rounds++;
    if (rounds % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
const { user, system } = process.cpuUsage(before);
const { looks, majorCollections } = memory.stats();
const tookMs = performance.now() - (end - Number(milliseconds));
await memory.close();
process.stdout.write(JSON.stringify({ cpuMs: (user + system) / 1_000, tookMs, looks, majorCollections }));
