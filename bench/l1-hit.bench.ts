// What does a hit in memory cost, beside the peers and beside the bare stores? `npx hotpath bench` asks the same.
import { benchMemoryHits } from '../src/cli/cache-bench.js';
import { publish } from './publish.js';
import { loadSubject } from './subject.js';

await publish(async ({ quick }) =>
  benchMemoryHits(await loadSubject(), 'cost', quick ? { rounds: 3, sliceMs: 50 } : { rounds: 11, sliceMs: 200 }),
);
