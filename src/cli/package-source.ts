import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where peers come from: the packages that a folder can see. */
export interface PackageSource {
  /** @throws when the package is not installed */
  load(specifier: string): Promise<unknown>;
  /** The version as the package states it; `?` when it cannot be read. */
  version(name: string): string;
}

/** Packages as the code in `folder` would find them: for `npx hotpath bench`, those of the host. */
export function packagesOf(
  folder: string,
  importer: (specifier: string) => Promise<unknown> = hostImport(folder),
): PackageSource {
  const require = createRequire(join(folder, 'package.json'));
  return {
    load: importer,
    version: (name) => versionOf(name, require.resolve.paths(name) ?? []),
  };
}

function hostImport(folder: string): (specifier: string) => Promise<unknown> {
  const require = createRequire(join(folder, 'package.json'));
  return (specifier) => import(pathToFileURL(require.resolve(specifier)).href);
}

/** Reads the manifest itself: many packages do not export theirs. */
function versionOf(name: string, folders: readonly string[]): string {
  for (const folder of folders) {
    const version = manifestVersion(join(folder, name));
    if (version) return version;
  }
  return '?';
}

/** The version that the package.json of a folder states; undefined where there is none. */
export function manifestVersion(folder: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  } catch {
    // No package here.
  }
  return undefined;
}

/** The folder of the nearest package.json at or above a file, or undefined at the root of the disk. */
export function packageRootOf(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      readFileSync(join(folder, 'package.json'));
      return folder;
    } catch {
      if (folder === dirname(folder)) return undefined;
    }
  }
}
