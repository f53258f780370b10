import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface LockEntry {
  readonly optionalDependencies?: Record<string, string>;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}
type Lock = Record<string, LockEntry>;

const PLATFORMS = [
  { os: 'darwin', cpu: 'arm64' },
  { os: 'win32', cpu: 'x64' },
  { os: 'linux', cpu: 'x64' },
] as const;
const LOCKS = ['.', 'bench', 'examples/nestjs', 'examples/analytics-assistant'].filter((folder) =>
  existsSync(new URL(`../../${folder}/package-lock.json`, import.meta.url)),
);
/** Packages of the root with an install script, none of which is needed: esbuild checks its binary, fsevents is for macOS watchers. */
const KNOWN_SCRIPTS = ['esbuild', 'fsevents'];

async function read(folder: string): Promise<Lock> {
  const file = fileURLToPath(new URL(`../../${folder}/package-lock.json`, import.meta.url));
  return (JSON.parse(await readFile(file, 'utf8')) as { packages: Lock }).packages;
}

/** Where a dependency of `path` is found in the lock: in its own node_modules, or in one further out. */
function entryOf(lock: Lock, path: string, name: string): LockEntry | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = lock[`${at === '' ? '' : `${at}/`}node_modules/${name}`];
    if (found || at === '') return found;
    if (!at.includes('/node_modules/')) return lock[`node_modules/${name}`];
  }
}

/** Packages that come with one optional package per platform, and those packages' names. */
function natives(lock: Lock): [path: string, names: string[]][] {
  return Object.entries(lock)
    .map(([path, entry]): [string, string[]] => [path, Object.keys(entry.optionalDependencies ?? {})])
    .filter(([path, names]) => names.some((name) => entryOf(lock, path, name)?.cpu));
}

describe.each(LOCKS)('the lock of %s', (folder) => {
  it('has every platform package of every native package', async () => {
    const lock = await read(folder);
    for (const [path, names] of natives(lock)) {
      const missing = names.filter((name) => !entryOf(lock, path, name));
      expect(missing, `${path}: npm ci would refuse`).toEqual([]);
      for (const { os, cpu } of PLATFORMS) {
        const fits = names.some((name) => {
          const entry = entryOf(lock, path, name);
          return entry?.os?.includes(os) && entry.cpu?.includes(cpu) && (!entry.libc || entry.libc.includes('glibc'));
        });
        expect(fits, `${path} for ${os}-${cpu}`).toBe(true);
      }
    }
  });

  it('takes everything from the registry', async () => {
    const elsewhere = Object.entries(await read(folder)).filter(([, { resolved }]) =>
      /^(git|file|http:|https:(?!\/\/registry\.npmjs\.org\/))/.test(resolved ?? ''),
    );
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });
});

describe('the lock of the repository', () => {
  it('knows its native packages, so that the test above has something to look at', async () => {
    const names = natives(await read('.')).map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13));
    expect(names).toEqual(expect.arrayContaining(['@biomejs/biome', 'esbuild', 'rolldown', 'rollup', 'lightningcss']));
  });

  it('compiles nothing: only known, dispensable install scripts', async () => {
    const scripts = Object.entries(await read('.')).filter(([, entry]) => entry.hasInstallScript);
    const names = scripts.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13));
    expect(names.filter((name) => !KNOWN_SCRIPTS.includes(name))).toEqual([]);
  });

  it('gives users one runtime dependency', async () => {
    const runtime = Object.entries(await read('.')).filter(([path, entry]) => path !== '' && !entry.dev);
    expect(runtime.map(([path]) => path)).toEqual(['node_modules/quick-lru']);
  });
});
