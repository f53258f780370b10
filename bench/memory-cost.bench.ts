// What does it cost to watch memory? CPU time of a process that does nothing, and of one that allocates all the time, with a manager and without.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../src/cli/contest.js';
import { manifestVersion } from '../src/cli/package-source.js';
import { publish } from './publish.js';

interface Round {
  readonly cpuMs: number;
  readonly tookMs: number;
  readonly looks: number;
  readonly majorCollections: number;
}

const run = promisify(execFile);
/** The child looks this much more often than a manager with default options. */
const FASTER = 10;

await publish(async ({ quick }) => {
  const rounds = quick ? 2 : 9;
  const idleMs = quick ? 3_000 : 20_000;
  const workMs = quick ? 1_000 : 4_000;
  const idle: Record<'with' | 'without', Round[]> = { with: [], without: [] };
  const busy: Record<'with' | 'without', Round[]> = { with: [], without: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const);
    for (const name of order) idle[name].push(await measure(name, idleMs, 'idle'));
    for (const name of order) busy[name].push(await measure(name, workMs, 'busy'));
  }
  const looks = median(idle.with.map((each) => each.looks));
  const extraMs = median(idle.with.map(({ cpuMs }, i) => cpuMs - idle.without[i]!.cpuMs));
  const lookUs = (extraMs * 1_000) / looks;
  const share = extraMs / FASTER / median(idle.with.map(({ tookMs }) => tookMs));
  const ratio = median(busy.with.map(({ cpuMs }, i) => cpuMs / busy.without[i]!.cpuMs));
  return {
    title: 'What watching memory costs',
    about:
      `A process of its own for each run, ${rounds} interleaved rounds, medians. Idle: ${idleMs / 1_000} s of nothing, the manager looking every 100 ms; the CPU time beyond that of the same process without, by ${FASTER}, is what ` +
      'the default of a look a second costs. Allocating: the same amount of work, some hundred Mb of young objects a second; garbage collections are observed as long as a manager is started.',
    rows: [
      {
        process: 'idle',
        version: manifestVersion(fileURLToPath(new URL('..', import.meta.url))) ?? '?',
        looks,
        'CPU us a look, timer included': lookUs,
        '% of a core at a look a second': share * 100,
      },
      {
        process: 'allocating',
        looks: median(busy.with.map((each) => each.looks)),
        'major collections': median(busy.with.map((each) => each.majorCollections)),
        'CPU with / without': ratio,
      },
    ],
    figures: { idleShare: share, busyRatio: ratio },
  };
});

async function measure(name: 'with' | 'without', ms: number, kind: 'idle' | 'busy'): Promise<Round> {
  const child = fileURLToPath(new URL('./memory-cost-child.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--import', 'tsx', child, name, String(ms), kind]);
  return JSON.parse(stdout) as Round;
}
