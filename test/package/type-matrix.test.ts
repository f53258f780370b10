import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { usePacked } from './use-packed.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { consumer, specifiers } = usePacked();

/** The compiler we build with, and the next one. */
const COMPILERS = { '5.9': 'typescript', '6.0': 'typescript-6' } as const;
/** Those with standard decorators already ran under 5.9, as the project `types` of this run. */
const TYPE_TESTS = { '5.9': ['test/types/legacy'], '6.0': ['test/types', 'test/types/legacy'] } as const;
const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
} as const;

/** Answers with what the compiler complained about. */
async function complaints(compiler: keyof typeof COMPILERS, project: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules', COMPILERS[compiler], 'lib/tsc.js');
  return run(process.execPath, [tsc, '--noEmit', '-p', project]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

/** Uses every subpath, demands real types of the root, and names one mistake that must be an error: `any` would let it pass. */
function source(format: 'import' | 'require'): string {
  const load = specifiers.map((specifier, i) =>
    format === 'import' ? `import * as m${i} from '${specifier}';` : `import m${i} = require('${specifier}');`,
  );
  return [
    ...load,
    `import type { CacheManager } from 'hotpath/cache';`,
    `export const all: readonly object[] = [${specifiers.map((_, i) => `m${i}`).join(', ')}];`,
    'export const cache: CacheManager<number> = new m0.CacheManager<number>();',
    `export const value: Promise<number> = cache.getOrSet('key', async () => 1);`,
    `// @ts-expect-error a number is no string`,
    `export const wrong: Promise<string> = cache.getOrSet('key', async () => 1);`,
  ].join('\n');
}

describe.concurrent.each(Object.keys(COMPILERS) as (keyof typeof COMPILERS)[])('TypeScript %s', (compiler) => {
  it('is the compiler it says', async () => {
    const { stdout } = await run(process.execPath, [
      join(ROOT, 'node_modules', COMPILERS[compiler], 'lib/tsc.js'),
      '-v',
    ]);
    expect(stdout).toContain(`Version ${compiler}.`);
  });

  describe.each(Object.keys(RESOLUTIONS) as (keyof typeof RESOLUTIONS)[])('with %s resolution', (resolution) => {
    const folder = join(consumer, `types-${compiler}-${resolution}`);
    beforeAll(async () => {
      await mkdir(join(folder, 'node_modules'), { recursive: true });
      await symlink(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'), 'junction');
      const compilerOptions = {
        ...RESOLUTIONS[resolution],
        target: 'es2022',
        lib: ['es2023'],
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        // Our declarations are checked once, with everything they lean on: it takes seconds.
        skipLibCheck: compiler !== '5.9' || resolution !== 'node16',
        noEmit: true,
      };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      await writeFile(join(folder, 'esm.mts'), source('import'));
      // A bundler's project has no CommonJS files.
      if (resolution === 'node16') await writeFile(join(folder, 'cjs.cts'), source('require'));
    });

    it('compiles a consumer of every subpath, checking our declarations too', async () => {
      expect(await complaints(compiler, folder)).toBe('');
    });
  });

  it.each(TYPE_TESTS[compiler])('accepts the type tests in %s', async (project) => {
    expect(await complaints(compiler, join(ROOT, project))).toBe('');
  });
});

it('`tsc` on the PATH of npm scripts is the compiler we build with', async () => {
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-v']);
  expect(stdout).toContain('Version 5.9.');
});
