// The same question for the policy 'lru', in a process of its own: see `Policy`.
import { benchMemoryHits } from '../src/cli/cache-bench.js';
import { publish } from './publish.js';
import { loadSubject } from './subject.js';

await publish(async ({ quick }) =>
  benchMemoryHits(await loadSubject(), 'lru', quick ? { rounds: 3, sliceMs: 50 } : { rounds: 11, sliceMs: 200 }),
);
