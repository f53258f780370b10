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

type Contestant = 'with' | 'without' | 'timer';

const run = promisify(execFile);
/** In the child time goes so much faster. */
const FASTER = 10;

await publish(async ({ quick }) => {
  const rounds = quick ? 2 : 5;
  const idleMs = quick ? 3_000 : 12_000;
  const workMs = quick ? 1_000 : 4_000;
  const idle: Record<Contestant, Round[]> = { with: [], without: [], timer: [] };
  const busy: Record<Contestant, Round[]> = { with: [], without: [], timer: [] };
  for (let round = 0; round < rounds; round++) {
    const order: readonly Contestant[] = round % 2 === 0 ? ['with', 'without'] : ['without', 'with'];
    for (const name of [...order, 'timer'] as const) idle[name].push(await measure(name, idleMs, 'idle'));
    for (const name of order) busy[name].push(await measure(name, workMs, 'busy'));
  }
  const looks = median(idle.with.map((each) => each.looks));
  const extra = (name: Contestant): number => median(idle[name].map(({ cpuMs }, i) => cpuMs - idle.without[i]!.cpuMs));
  const shareOf = (name: Contestant): number => extra(name) / FASTER / idleMs;
  const share = shareOf('with');
  const ratio = median(busy.with.map(({ cpuMs }, i) => cpuMs / busy.without[i]!.cpuMs));
  return {
    title: 'What watching memory costs',
    about:
      `A process of its own for each run, ${rounds} interleaved rounds, medians. Idle: ${idleMs / 1_000} s of nothing after 2 s of warm-up, the manager with its default options and a clock that goes ten times as fast (a look, and a reading of the system, ten times as often); the CPU time beyond that of the same process without, by ${FASTER}, is what it costs. ` +
      'Allocating: the same amount of work, some hundred Mb of young objects a second; garbage collections are observed as long as a manager is started.',
    rows: [
      {
        process: 'idle',
        version: manifestVersion(fileURLToPath(new URL('..', import.meta.url))) ?? '?',
        looks,
        'CPU us a look, timer included': (extra('with') * 1_000) / looks,
        '% of a core at a look a second': share * 100,
      },
      {
        process: 'idle, a bare timer instead',
        'CPU us a look, timer included': (extra('timer') * 1_000) / looks,
        '% of a core at a look a second': shareOf('timer') * 100,
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

async function measure(name: Contestant, ms: number, kind: 'idle' | 'busy'): Promise<Round> {
  const child = fileURLToPath(new URL('./memory-cost-child.mjs', import.meta.url));
  const { stdout } = await run(process.execPath, [child, name, String(ms), kind]);
  return JSON.parse(stdout) as Round;
}
