// Brings what a bench stands on up to date: the peers in bench/node_modules and the built package in dist.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command with its output on stderr, so that stdout holds tables only. */
function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status ?? result.signal}`);
}

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Installs the peers by their lock when they are missing or older than it. */
export function installPeers() {
  const installed = modified(join(here, 'node_modules', '.package-lock.json'));
  if (installed >= modified(join(here, 'package-lock.json')) && installed > 0) return;
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], here);
}

function newestUnder(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, modified(join(entry.parentPath ?? entry.path, entry.name)));
  }
  return newest;
}

/** Builds the package when a source is newer than the build: benches time what users run. */
export function buildPackage() {
  if (modified(join(root, 'dist', 'index.js')) > newestUnder(join(root, 'src'))) return;
  run('npm', ['run', 'build', '--silent'], root);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildPackage();
