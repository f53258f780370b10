// How far from the truth is the estimate of a value's bytes, and what does it cost, beside what people install today?
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serialize } from 'node:v8';
import { median, type RoundTimes, ratios } from '../src/cli/contest.js';
import { packagesOf } from '../src/cli/package-source.js';
import { SHAPES, type Shape } from './estimate-bytes-shapes.js';
import { loadMemory } from './memory-subject.js';
import { publish } from './publish.js';

/** Values of each shape that are estimated in turn. */
const VALUES = 10;
/** Before a slice counts: the collection of what the one before left behind has thrown compiled code away. */
const WARM_UP_MS = 10;
const OURS = 'estimateBytes';
const PEER = 'object-sizeof';
const SERIALIZED = 'v8.serialize';

type Estimator = (value: unknown) => number;

const run = promisify(execFile);

const { estimateBytes } = await loadMemory();

await publish(async ({ quick }) => {
  const packages = packagesOf(fileURLToPath(new URL('.', import.meta.url)), (specifier) => import(specifier));
  const estimators: Readonly<Record<string, Estimator>> = {
    [OURS]: estimateBytes,
    [PEER]: defaultOf(await packages.load('object-sizeof')),
    [SERIALIZED]: (value) => serialize(value).length,
  };
  const trueBytes = await weigh(quick ? 1 : 3);
  const rows: Record<string, string | number>[] = [];
  for (const shape of SHAPES) rows.push(await compare(shape, trueBytes.get(shape.name)!, estimators, quick));
  const errors = (name: string) => rows.map((row) => Math.abs(row[`${name} %`] as number));
  return {
    title: 'Estimating the bytes of a value',
    about:
      `Bytes: growth of heap and external memory for one of hundreds to thousands of such values, all kept, after full collections, in a process of its own (median of ${quick ? 1 : 3}). ` +
      `Errors in % of them. Times: ${VALUES} values of the shape in turn, ${roundsOf(quick)} interleaved rounds, medians; ratios within a round. ${PEER} ${packages.version('object-sizeof')}. ` +
      `The length of ${SERIALIZED} stands for what people do without a package.`,
    rows,
    figures: {
      worstErrorPercent: Math.max(...errors(OURS)),
      worstMicroseconds: Math.max(...rows.map((row) => row[`${OURS} ns`] as number)) / 1000,
    },
    notes: [OURS, PEER, SERIALIZED].map(
      (name) =>
        `${name}: error median ${median(errors(name)).toFixed(1)} %, worst ${Math.max(...errors(name)).toFixed(1)} %.`,
    ),
  };
});

/** True bytes of one value, by shape. */
async function weigh(times: number): Promise<Map<string, number>> {
  const child = fileURLToPath(new URL('./estimate-bytes-child.ts', import.meta.url));
  const all = new Map<string, number[]>(SHAPES.map(({ name }) => [name, []]));
  for (let i = 0; i < times; i++) {
    const { stdout } = await run(process.execPath, ['--expose-gc', '--import', 'tsx', child]);
    for (const { name, bytes } of JSON.parse(stdout) as { name: string; bytes: number }[]) all.get(name)!.push(bytes);
  }
  return new Map([...all].map(([name, bytes]) => [name, median(bytes)]));
}

async function compare(
  { name: shape, make }: Shape,
  bytes: number,
  estimators: Readonly<Record<string, Estimator>>,
  quick: boolean,
): Promise<Record<string, string | number>> {
  const values = Array.from({ length: VALUES }, (_, n) => make(n));
  const row: Record<string, string | number> = { shape, bytes };
  let sum = 0;
  for (const [name, estimate] of Object.entries(estimators)) {
    const mean = values.reduce<number>((total, value) => total + estimate(value), 0) / VALUES;
    row[`${name} %`] = Math.round((mean / bytes - 1) * 1000) / 10;
  }
  const times: RoundTimes = new Map(Object.keys(estimators).map((name) => [name, []]));
  for (let round = 0; round < roundsOf(quick); round++) {
    for (const [name, estimate] of Object.entries(estimators)) {
      const estimateAll = (): void => {
        for (const value of values) sum += estimate(value);
      };
      repeat(estimateAll, WARM_UP_MS);
      (times.get(name) as number[]).push(repeat(estimateAll, quick ? 10 : 40) / VALUES);
    }
  }
  if (!Number.isFinite(sum)) throw new Error(`An estimate of ${shape} is no number.`);
  for (const name of Object.keys(estimators)) row[`${name} ns`] = median(times.get(name)!);
  row['object-sizeof takes times ours'] = median(ratios(times, PEER, OURS));
  return row;
}

/** Nanoseconds for one call, called for about so long. The clock is read once for some 50 us of work. */
function repeat(work: () => void, ms: number): number {
  const start = performance.now();
  work();
  const times = Math.max(1, Math.round(0.05 / Math.max(0.001, performance.now() - start)));
  let count = 1;
  let spent = performance.now() - start;
  while (spent < ms) {
    for (let i = 0; i < times; i++) work();
    count += times;
    spent = performance.now() - start;
  }
  return (spent * 1e6) / count;
}

function roundsOf(quick: boolean): number {
  return quick ? 3 : 7;
}

/** CommonJS: what it exports is the default, once or twice over. */
function defaultOf(loaded: unknown): Estimator {
  let module = loaded;
  while (typeof module === 'object' && module !== null && 'default' in module) module = module.default;
  if (typeof module !== 'function') throw new Error('object-sizeof exports no function.');
  return module as Estimator;
}
