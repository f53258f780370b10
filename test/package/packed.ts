import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'bench', 'examples', 'test', 'reports']);

/** The package as a user gets it: built from a clean copy, packed, and installed into a project of its own. */
export interface Packed {
  /** What was packed: the built tree. */
  readonly tree: string;
  readonly tarball: string;
  readonly packedBytes: number;
  readonly files: readonly string[];
  /** A project that has installed the tarball and nothing else. */
  readonly consumer: string;
  /** Import specifiers of the JavaScript entries of `exports`: `hotpath`, `hotpath/cache`, ... */
  readonly specifiers: readonly string[];
  readonly tookMs: number;
}

declare module 'vitest' {
  export interface ProvidedContext {
    packed: Packed | { readonly failure: string };
  }
}

/** Runs once for all package tests. A failing build fails those tests, and leaves the other projects of the run alone. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-package-'));
  const packed = await pack(folder).catch((error: Error & { stdout?: string; stderr?: string }) => ({
    failure: `${error.message}\n${error.stdout ?? ''}\n${error.stderr ?? ''}`,
  }));
  project.provide('packed', packed);
  return () => rm(folder, { recursive: true, force: true });
}

async function pack(folder: string): Promise<Packed> {
  const started = performance.now();
  // A clean copy: the working tree's own dist is left alone.
  const tree = join(folder, 'tree');
  await cp(ROOT, tree, { recursive: true, filter: (source) => source === ROOT || !LEFT_OUT.has(basename(source)) });
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'), 'junction');
  await run('npm', ['run', 'build'], { cwd: tree, maxBuffer: 1e8 });
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts'], { cwd: tree, maxBuffer: 1e8 });
  const [packed] = JSON.parse(stdout) as [{ filename: string; size: number; files: { path: string }[] }];
  const tarball = join(tree, packed.filename);
  const consumer = join(folder, 'consumer');
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  await run('npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'], { cwd: consumer });
  return {
    tree,
    tarball,
    packedBytes: packed.size,
    files: packed.files.map((file) => file.path),
    consumer,
    specifiers: await specifiersOf(join(tree, 'package.json')),
    tookMs: performance.now() - started,
  };
}

async function specifiersOf(manifest: string): Promise<string[]> {
  const { name, exports } = JSON.parse(await readFile(manifest, 'utf8')) as { name: string; exports: object };
  // What is a file as it stands has no conditions.
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path]) => name + path.slice(1));
}
