// How many bytes does one hit allocate? What a hit allocates, the collector has to clear away.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../src/cli/contest.js';
import { publish } from './publish.js';

interface Allocated {
  readonly contestant: string;
  readonly version: string;
  readonly bytes: number;
}

const run = promisify(execFile);

await publish(async ({ quick }) => {
  const child = fileURLToPath(new URL('./allocation-child.ts', import.meta.url));
  const runs: Allocated[][] = [];
  for (let i = 0; i < (quick ? 1 : 3); i++) {
    // A young generation so large that it is never collected while the calls are counted.
    const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256', '--import', 'tsx'];
    const { stdout } = await run(process.execPath, [...flags, child]);
    runs.push(JSON.parse(stdout) as Allocated[]);
  }
  const rows = runs[0]!.map(({ contestant, version }, i) => ({
    contestant,
    version,
    'bytes a hit': median(runs.map((allocated) => allocated[i]!.bytes)),
  }));
  const bytes = (name: string) => rows.find(({ contestant }) => contestant === name)!['bytes a hit'];
  return {
    title: 'Bytes allocated by one hit',
    about:
      'Heap used after 20,000 hits minus heap used before, without a collection in between, after the code is compiled. The awaited ' +
      'rows hold the promise of the call and the await. Median of the runs.',
    rows,
    figures: { peekBytes: bytes('hotpath peek'), getOrSetBytes: bytes('hotpath getOrSet') },
  };
});
