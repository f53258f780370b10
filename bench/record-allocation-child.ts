// Child of the record bench and of bench:check: prints the bytes that each contestant allocates a value, one figure a round, as JSON.
import { loadMonitor } from './monitor-subject.js';
import { ownRecorders } from './record-ours.js';
import { RECORDED, recordedMs } from './record-values.js';

const PASSES = 50;
const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('This needs node --expose-gc.');

const rounds = Number(process.argv[3]);
const monitor = await loadMonitor();
const contestants =
  process.argv[2] === 'own'
    ? ownRecorders(monitor, recordedMs())
    : await (await import('./record-contestants.js')).recordContestants(monitor);
const results = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
for (const contestant of contestants) for (let i = 0; i < 200; i++) contestant.run();
for (let round = 0; round < rounds; round++) {
  for (const { name, run } of contestants) {
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < PASSES; i++) run();
    results.get(name)!.push((process.memoryUsage().heapUsed - before) / (PASSES * RECORDED));
  }
}
process.stdout.write(JSON.stringify(Object.fromEntries(results)), () => process.exit(0));
