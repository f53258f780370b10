// Child of memory-cost: does the same work with a MemoryManager or without, and prints the CPU time of the process, as JSON.
// Plain JavaScript: a compiler in the process would use more CPU than what is measured.
import { MemoryManager } from '../dist/memory/index.js';

const [name = '', milliseconds = '0', kind = 'idle'] = process.argv.slice(2);

/** Time goes ten times as fast, so that what looks cost can be told from the noise: readings of the system and of limits come ten times as often too. */
const FASTER = 10;
const clock = {
  now: () => performance.now() * FASTER,
  coarse: () => performance.now() * FASTER,
  setTimer(fn, ms) {
    const timer = setTimeout(fn, ms / FASTER).unref();
    return () => clearTimeout(timer);
  },
};
const memory = new MemoryManager({ clock });
if (name === 'with') memory.start();
// What waking up costs, whatever is done then.
if (name === 'timer') setInterval(() => {}, 100).unref();

/** The first looks read limits and run code that was never run: they are not what a look costs. */
const WARM_UP_MS = 2_000;
const kept = [];

/** Rows as a service makes them: most die young, some live on, the oldest are let go. */
function allocate() {
  for (let i = 0; i < 300; i++) kept.push({ id: i, values: new Array(20).fill(i / 7) });
  if (kept.length > 60_000) kept.splice(0, 30_000);
}

if (kind === 'idle') await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
const looksBefore = memory.stats().looks;
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
const { looks: allLooks, majorCollections } = memory.stats();
const looks = allLooks - looksBefore;
const tookMs = performance.now() - (end - Number(milliseconds));
await memory.close();
process.stdout.write(JSON.stringify({ cpuMs: (user + system) / 1_000, tookMs, looks, majorCollections }));
