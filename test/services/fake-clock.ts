import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstallPackages, installPackage } from './debian-package.js';

/**
 * A wall clock that a test sets for a child process, by libfaketime: the process reads the offset from a file at each look.
 * Its monotonic clock stays true, so its timers run on.
 */
export class FakeClock {
  /** What the process has to be started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  constructor(library: string, folder: string) {
    this.#file = join(folder, 'clock-offset');
    this.set(0);
    this.env = {
      // libc before the process's own allocator: jemalloc reads the clock while it starts, before libfaketime is ready for it.
      LD_PRELOAD: `${library}:libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Sets how far the clock is ahead of the true one, in seconds; negative for behind. */
  set(offsetSeconds: number): void {
    writeFileSync(this.#file, `${offsetSeconds < 0 ? '-' : '+'}${Math.abs(offsetSeconds)}\n`);
  }
}

export const FAKE_CLOCK_MISSING = 'no libfaketime: on Debian or Ubuntu, apt-get install faketime';

/** The path of the library; as root on Debian it is installed where it is missing. */
export async function findFakeClockLibrary(): Promise<string | undefined> {
  const there = libraryPath();
  if (there !== undefined || !canInstallPackages()) return there;
  await installPackage('faketime', 'faketime');
  return libraryPath();
}

function libraryPath(): string | undefined {
  for (const folder of entries('/usr/lib')) {
    const found = entries(join('/usr/lib', folder, 'faketime')).find((name) => name.startsWith('libfaketimeMT.so'));
    if (found !== undefined) return join('/usr/lib', folder, 'faketime', found);
  }
  return undefined;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
