// npm run bench:check: have we become slower? Ratios within a run beside those of bench/baseline.json; about a minute.
// npm run bench:check -- --update writes the baseline anew.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../src/cli/contest.js';
import { machineLine } from '../src/cli/machine.js';
import { figure, table } from '../src/cli/report.js';

const run = promisify(execFile);
const BASELINE = new URL('./baseline.json', import.meta.url);
/** Machines that share their cores are noisy: only what all rounds agree on counts. */
const ROUNDS = 3;
const ALLOWED = 1.5;

/** A process for each policy: one that runs both is not what a host runs. */
async function measure(): Promise<Record<string, number[]>> {
  const child = fileURLToPath(new URL('./check-child.ts', import.meta.url));
  const measured: Record<string, number[]> = {};
  for (const policy of ['cost', 'lru']) {
    const { stdout } = await run(process.execPath, ['--expose-gc', '--import', 'tsx', child, policy, String(ROUNDS)]);
    for (const [pair, rounds] of Object.entries(JSON.parse(stdout) as Record<string, number[]>)) {
      measured[`${policy}: ${pair}`] = rounds;
    }
  }
  return measured;
}

const measured = await measure();
if (process.argv.includes('--update')) {
  const baseline = Object.fromEntries(
    Object.entries(measured).map(([name, rounds]) => [name, Number(median(rounds).toFixed(3))]),
  );
  writeFileSync(BASELINE, `${JSON.stringify({ machine: machineLine(), ratios: baseline }, null, 2)}\n`);
}
const baseline = (JSON.parse(readFileSync(BASELINE, 'utf8')) as { ratios: Record<string, number> }).ratios;
let failed = false;
const rows = Object.entries(measured).map(([name, rounds]) => {
  const limit = (baseline[name] ?? Number.NaN) * ALLOWED;
  // A round without a figure is no proof of speed.
  const slower = !rounds.some((ratio) => ratio <= limit);
  failed ||= slower || Number.isNaN(limit);
  const verdict = Number.isNaN(limit) ? 'not in the baseline' : slower ? 'slower in every round' : 'ok';
  return { ratio: name, baseline: baseline[name] ?? '-', rounds: rounds.map(figure).join(', '), limit, verdict };
});
for (const name of Object.keys(baseline)) {
  if (name in measured) continue;
  failed = true;
  rows.push({
    ratio: name,
    baseline: baseline[name]!,
    rounds: '-',
    limit: Number.NaN,
    verdict: 'in the baseline, not measured',
  });
}
process.stdout.write(`${table(rows)}\n\n${machineLine()}\n`);
process.exitCode = failed ? 1 : 0;
