// Child of async-goal.bench.ts: one round of all batches, or the run under a rate limit. Prints one JSON object.
// Arguments: the folder of the benches as a URL; `batches`, and the count of items that are busy, or `rate`, and the count of windows.
import { fileURLToPath } from 'node:url';
import { packagesOf } from '../../src/cli/package-source.js';
import { loadAsync } from '../async-subject.js';
import type { BusyTimes, WaitTimes } from './batch-times.js';
import { busyBatch } from './busy.js';
import { rateLimitedRun } from './rate-limited.js';
import { waitingBatch } from './waiting.js';

export interface GoalRound {
  readonly few: WaitTimes;
  readonly many: WaitTimes;
  readonly busy: BusyTimes;
}

const [here = '', part, count = '0'] = process.argv.slice(2);
const bench = new URL(here);
const ours = await loadAsync(new URL('../dist/async/index.js', bench));
const result = part === 'rate' ? await rateLimitedRun(ours, Number(count)) : await round();
process.stdout.write(JSON.stringify(result));

async function round(): Promise<GoalRound> {
  const packages = packagesOf(fileURLToPath(bench));
  return {
    few: await waitingBatch(ours, packages, 10, 10),
    many: await waitingBatch(ours, packages, 1_000, 20, 50),
    busy: await busyBatch(ours, new URL('./async-goal/', bench), Number(count)),
  };
}
