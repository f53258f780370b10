import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs a package of the distribution without starting its service. Test files run in parallel: `flock` lets the first
 * one install while the others wait, and they find the command afterwards. `policy-rc.d` is what keeps services from starting.
 */
const INSTALL = `
command -v "$2" >/dev/null && exit 0
echo "installing $1 from the distribution's packages, because tests need $2"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod +x "$policy"
fi
apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "$1" >/dev/null
`;

/** Only root on a Debian-like system can. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
}

/** Answers whether the command is there afterwards; says in one line that it installs, and why it could not. */
export async function installPackage(name: string, command: string): Promise<boolean> {
  try {
    const { stdout } = await run(
      'flock',
      [join(tmpdir(), 'hotpath-apt.lock'), 'sh', '-c', INSTALL, 'install', name, command],
      {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        timeout: 180_000,
      },
    );
    if (stdout) process.stderr.write(stdout);
    return true;
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string };
    console.warn(`could not install ${name}: ${(stderr || message).trim().split('\n').at(-1)}`);
    return false;
  }
}
