// Child of the record bench: prints the bytes that each contestant allocates a value, as JSON.
import { loadMonitor } from './monitor-subject.js';
import { recordContestants } from './record-contestants.js';
import { RECORDED } from './record-values.js';

const PASSES = 50;
const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('This needs node --expose-gc.');

const results: Record<string, number> = {};
for (const contestant of await recordContestants(await loadMonitor())) {
  for (let i = 0; i < 200; i++) contestant.run();
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < PASSES; i++) contestant.run();
  results[contestant.name] = (process.memoryUsage().heapUsed - before) / (PASSES * RECORDED);
}
process.stdout.write(JSON.stringify(results), () => process.exit(0));
