import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { canInstallPackages, installPackage } from './debian-package.js';
import type { Found } from './service.js';

const MISSING =
  'no Chromium: set CHROMIUM_PATH, or put chromium on the PATH (Debian: apt-get install chromium; macOS: brew install chromium)';

/** Nothing that talks to anybody but the page under test, and a sandbox that works as root in a container: none. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/**
 * Looks for Chromium: `CHROMIUM_PATH`, else `chromium` on the PATH, else, as root on Debian, the distribution's package. Each
 * start is a headless process of its own with a fresh profile, which ends with the process of the tests.
 */
export async function findChromium(): Promise<Found<Browser>> {
  const named = process.env['CHROMIUM_PATH'];
  if (named && (await runs(named))) return browserAt(named);
  const found = await pathOf('chromium');
  if (found) return browserAt(found);
  if (canInstallPackages() && (await installPackage('chromium', 'chromium'))) {
    const installed = await pathOf('chromium');
    if (installed) return browserAt(installed);
  }
  return { missing: MISSING };
}

function browserAt(executablePath: string): Found<Browser> {
  return {
    from: executablePath,
    start: () => chromium.launch({ executablePath, headless: true, args: FLAGS, timeout: 20_000 }),
  };
}

function runs(command: string): Promise<boolean> {
  return promisify(execFile)(command, ['--version']).then(
    () => true,
    () => false,
  );
}

/** Playwright wants a path, not a name. */
function pathOf(command: string): Promise<string | undefined> {
  return promisify(execFile)('sh', ['-c', 'command -v "$1"', 'sh', command]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}
