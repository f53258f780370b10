import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canInstallPackages } from './debian-package.js';
import type { Found } from './service.js';

const execute = promisify(execFile);

/** The checker that comes with Prometheus. */
export interface Promtool {
  readonly path: string;
  /** Runs it to its end, whatever it answers. `input` is what it reads from its standard input, `cwd` where paths begin. */
  run(args: readonly string[], options?: { input?: string; cwd?: string }): Promise<PromtoolResult>;
}

/** What a run has printed, and its exit code: 0 when all is well. */
export interface PromtoolResult {
  readonly code: number;
  /** Standard output and errors, in the order in which they came. */
  readonly output: string;
}

const MISSING =
  'no promtool: set PROMTOOL, or put promtool on the PATH (Debian, Ubuntu: apt-get install prometheus; macOS: brew install prometheus)';

/** Private to this user: what lies in it is run. */
const FOLDER = join(tmpdir(), `hotpath-promtool-${process.getuid?.() ?? 'user'}`);
const CACHED = join(FOLDER, 'promtool');

/**
 * Takes the one file out of the distribution's package, so that nothing is installed and no service starts. That needs no root
 * where package lists are there. Test files run in parallel: `flock` lets the first one fetch it while the others wait.
 */
const FETCH = `
mkdir -p -m 700 "$1" && [ -O "$1" ] || { echo "$1 belongs to somebody else" >&2; exit 1; }
[ -x "$1/promtool" ] && exit 0
echo "taking promtool from the distribution's package prometheus, because tests need it"
work=$(mktemp -d "$1/fetch-XXXXXX") && trap 'rm -rf "$work"' EXIT && cd "$work" || exit 1
apt-get download -qq prometheus >/dev/null 2>&1 ||
  { [ "$2" = root ] && apt-get update -qq >/dev/null; apt-get download -qq prometheus >/dev/null; } || exit 1
dpkg --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool && mv usr/bin/promtool "$1/promtool"
`;

/** Looks for promtool: `PROMTOOL`, else on the PATH, else, on Debian, in the distribution's package. */
export async function findPromtool(): Promise<Found<Promtool>> {
  const given = process.env['PROMTOOL'];
  if (given) return at('PROMTOOL', given);
  if (await works('promtool')) return at('promtool', 'promtool');
  if ((await fetched()) && (await works(CACHED))) return at('the package prometheus', CACHED);
  return { missing: MISSING };
}

function at(from: string, path: string): Found<Promtool> {
  const promtool: Promtool = { path, run: (args, options) => run(path, args, options) };
  return { from, start: async () => promtool };
}

async function works(path: string): Promise<boolean> {
  return execute(path, ['--version']).then(
    () => true,
    () => false,
  );
}

async function fetched(): Promise<boolean> {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg')) return false;
  try {
    const lock = join(tmpdir(), `hotpath-promtool-${process.getuid?.() ?? 'user'}.lock`);
    const args = [lock, 'sh', '-c', FETCH, 'fetch', FOLDER, canInstallPackages() ? 'root' : 'user'];
    const { stdout } = await execute('flock', args, { timeout: 180_000 });
    if (stdout) process.stderr.write(stdout);
    return true;
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string };
    console.warn(`could not fetch promtool: ${(stderr || message).trim().split('\n').at(-1)}`);
    return false;
  }
}

function run(
  path: string,
  args: readonly string[],
  { input = '', cwd }: { input?: string; cwd?: string } = {},
): Promise<PromtoolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { cwd, stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
    // It may end without having read everything.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
