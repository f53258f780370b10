// Installs, compiles and runs the example: `node examples/nestjs/start.mjs`.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = `${here}node_modules`;

function run(command, args, cwd = here) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

const installed = `${modules}/.package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${here}package-lock.json`).mtimeMs) {
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}
// Builds hotpath when its sources are newer than its build.
run(process.execPath, [`${root}bench/prepare.mjs`], root);
// An application installs hotpath from the registry. The example uses the build beside it.
if (!existsSync(`${modules}/hotpath`)) symlinkSync(root, `${modules}/hotpath`, 'junction');
rmSync(`${here}dist`, { recursive: true, force: true });
run(process.execPath, [`${modules}/typescript/bin/tsc`, '-p', here]);
run(process.execPath, [`${here}dist/main.js`]);
