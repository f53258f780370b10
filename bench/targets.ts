// The success metrics of the ADR, measured one by one. npm run bench:targets [-- --quick] [--json]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { machineLine } from '../src/cli/machine.js';
import { table } from '../src/cli/report.js';
import { asyncRow } from './targets/async-row.js';
import { memoryGrowthRow } from './targets/memory-growth-row.js';
import { serviceRows } from './targets/service-rows.js';
import { type TargetRow, waitingFor } from './targets/target-row.js';

const quick = process.argv.includes('--quick');
const prepared = spawnSync(process.execPath, [fileURLToPath(new URL('./prepare.mjs', import.meta.url))], {
  stdio: ['ignore', 2, 2],
});
if (prepared.status !== 0) throw new Error('The package could not be built, so there is nothing to measure.');

const rows: readonly TargetRow[] = [
  ...serviceRows(quick ? 5 : 75),
  waitingFor('Query optimization', '50 %+ less query execution time', 'SQLOptimizer'),
  memoryGrowthRow(quick ? 20 : 120, quick ? 5 : 13),
  asyncRow(quick ? 20 : 200),
];

const measured: Record<string, string>[] = [];
for (const { name, target, measure } of rows) {
  const result = await measure();
  measured.push(
    'notMeasured' in result
      ? { metric: name, target, measured: 'not measured', met: '', how: result.notMeasured }
      : { metric: name, target, measured: result.actual, met: result.met ? 'yes' : 'no', how: result.how },
  );
}

const machine = machineLine() + (quick ? ', quick run' : '');
process.stdout.write(
  process.argv.includes('--json')
    ? `${JSON.stringify({ machine, targets: measured }, null, 2)}\n`
    : `## Success metrics of the ADR\n\n${table(measured)}\n\n${machine}\n`,
);
