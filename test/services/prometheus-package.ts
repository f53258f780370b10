import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canInstallPackages } from './debian-package.js';

const execute = promisify(execFile);

/** Programs of Prometheus that tests run. */
export type PrometheusProgram = 'promtool' | 'prometheus';

/** Where a program is and who brought it, or what to do about its absence. */
export type FoundProgram = { readonly from: string; readonly path: string } | { readonly missing: string };

/** Private to this user: what lies in it is run. */
const FOLDER = join(tmpdir(), `hotpath-prometheus-${process.getuid?.() ?? 'user'}`);

/**
 * Takes both programs out of the distribution's package, so that nothing is installed and no service starts. That needs no root
 * where package lists are there. Test files run in parallel: `flock` lets the first one fetch it while the others wait.
 */
const FETCH = `
mkdir -p -m 700 "$1" && [ -O "$1" ] || { echo "$1 belongs to somebody else" >&2; exit 1; }
[ -x "$1/promtool" ] && [ -x "$1/prometheus" ] && exit 0
echo "taking promtool and prometheus from the distribution's package, because tests need them"
work=$(mktemp -d "$1/fetch-XXXXXX") && trap 'rm -rf "$work"' EXIT && cd "$work" || exit 1
apt-get download -qq prometheus >/dev/null 2>&1 ||
  { [ "$2" = root ] && apt-get update -qq >/dev/null; apt-get download -qq prometheus >/dev/null; } || exit 1
dpkg --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool ./usr/bin/prometheus &&
  mv usr/bin/promtool usr/bin/prometheus "$1"
`;

/** Looks for a program: `PROMTOOL` or `PROMETHEUS`, else on the PATH, else, on Debian, in the distribution's package. */
export async function findPrometheusProgram(program: PrometheusProgram): Promise<FoundProgram> {
  const variable = program.toUpperCase();
  const given = process.env[variable];
  if (given) return { from: variable, path: given };
  if (await works(program)) return { from: program, path: program };
  const fetched = join(FOLDER, program);
  if ((await isTakenOut()) && (await works(fetched))) return { from: 'the package prometheus', path: fetched };
  return {
    missing: `no ${program}: set ${variable}, or put ${program} on the PATH (Debian, Ubuntu: apt-get install prometheus; macOS: brew install prometheus)`,
  };
}

async function works(path: string): Promise<boolean> {
  return execute(path, ['--version']).then(
    () => true,
    () => false,
  );
}

async function isTakenOut(): Promise<boolean> {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg')) return false;
  try {
    const args = [`${FOLDER}.lock`, 'sh', '-c', FETCH, 'fetch', FOLDER, canInstallPackages() ? 'root' : 'user'];
    const { stdout } = await execute('flock', args, { timeout: 180_000 });
    if (stdout) process.stderr.write(stdout);
    return true;
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string };
    console.warn(`could not fetch prometheus: ${(stderr || message).trim().split('\n').at(-1)}`);
    return false;
  }
}
