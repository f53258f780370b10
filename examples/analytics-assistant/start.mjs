// npm run demo: installs what the demo needs on first use, builds hotpath when its sources are newer, runs demo.ts,
// with --redis demo-redis.ts, with --serve demo-serve.ts, and with --soak soak.ts (npm run soak).
import { execSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

if (!existsSync(join(root, 'node_modules', 'tsx'))) {
  console.error('The demo needs the packages of hotpath itself: run `npm ci` in the root of the repository first.');
  process.exit(1);
}

// The demo has packages of its own, so that hotpath itself stays light.
if (changedAt(join(here, 'node_modules', '.package-lock.json')) < changedAt(join(here, 'package-lock.json'))) {
  console.error('First run: installing the packages of the demo (about 90 MB, only in its own folder).');
  run('npm ci --no-audit --no-fund --loglevel=error', here);
}

// The declarations are written last, so they tell a finished build.
if (changedAt(join(root, 'dist', 'index.d.ts')) < newestIn(join(root, 'src'))) {
  console.error('Building hotpath.');
  run('npm run build --silent', root);
}

const part = ['redis', 'serve'].find((name) => process.argv.includes(`--${name}`));
const script = process.argv.includes('--soak') ? 'soak.ts' : part === undefined ? 'demo.ts' : `demo-${part}.ts`;
const demo = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...process.argv.slice(2)], {
  cwd: here,
  stdio: 'inherit',
});
process.on('SIGINT', () => {}); // the terminal sends it to the demo too, which ends its own processes
process.on('SIGTERM', () => demo.kill('SIGTERM'));
demo.on('exit', (code) => process.exit(code ?? 1));

/** Runs a command, its errors to the terminal; ends the demo when it fails. */
function run(command, cwd) {
  try {
    execSync(command, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    console.error(`\`${command}\` failed in ${cwd}.`);
    process.exit(1);
  }
}

/** When a file was last changed, or 0 when it is not there. */
function changedAt(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

function newestIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => changedAt(join(entry.parentPath ?? entry.path, entry.name))));
}
