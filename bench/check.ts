// npm run bench:check: have we become slower? Ratios within a run beside those of bench/baseline.json, and what has a limit of its
// own; about a minute. npm run bench:check -- --update writes the baseline anew.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../src/cli/contest.js';
import { machineLine } from '../src/cli/machine.js';
import { table } from '../src/cli/report.js';
import type { RecordCheck } from './check-record-child.js';
import { belowLimit, besideBaseline, OK, type Rounds } from './check-verdict.js';
import { bytesPerValue } from './record-allocation.js';
import { OURS, OURS_BOUND } from './record-ours.js';

const run = promisify(execFile);
const BASELINE = new URL('./baseline.json', import.meta.url);
const ROUNDS = 3;
/** What a value may cost while the monitor is off, beside the loop that it is recorded in. */
const OFF_LIMIT_NS = 10;
/** A number that is boxed takes 12 or 16. What there is below is a new slot, or the compiler. */
const BYTES_LIMIT = 1;

async function child(file: string, ...args: string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await run(process.execPath, ['--expose-gc', '--import', 'tsx', path, ...args, String(ROUNDS)]);
  return JSON.parse(stdout);
}

/** Under the name of what they are about. */
function named(about: string, measured: Rounds): Rounds {
  return Object.fromEntries(Object.entries(measured).map(([name, rounds]) => [`${about}: ${name}`, rounds]));
}

// A process for each policy: one that runs both is not what a host runs.
const cost = (await child('./check-child.ts', 'cost')) as Rounds;
const lru = (await child('./check-child.ts', 'lru')) as Rounds;
const record = (await child('./check-record-child.ts')) as RecordCheck;
const bytes = await bytesPerValue('own', ROUNDS);
const batch = (await child('./check-async-child.ts')) as Rounds;

const ratios = {
  ...named('cost', cost),
  ...named('lru', lru),
  ...named('record', record.ratios),
  ...named('async', batch),
};
if (process.argv.includes('--update')) {
  const medians = Object.entries(ratios).map(([name, rounds]) => [name, Number(median(rounds).toFixed(3))]);
  const baseline = { machine: machineLine(), ratios: Object.fromEntries(medians) as Record<string, number> };
  writeFileSync(BASELINE, `${JSON.stringify(baseline, null, 2)}\n`);
}
const baseline = (JSON.parse(readFileSync(BASELINE, 'utf8')) as { ratios: Record<string, number> }).ratios;
const onHandles = { [OURS]: bytes[OURS] ?? [], [OURS_BOUND]: bytes[OURS_BOUND] ?? [] };
const rows = [
  ...besideBaseline(ratios, baseline),
  ...belowLimit(named('record', record.offNs), OFF_LIMIT_NS, 'ns over the loop'),
  ...belowLimit(named('record', onHandles), BYTES_LIMIT, 'bytes a value'),
];
process.stdout.write(`${table(rows.map((row) => ({ ...row })))}\n\n${machineLine()}\n`);
process.exitCode = rows.every(({ verdict }) => verdict === OK) ? 0 : 1;
