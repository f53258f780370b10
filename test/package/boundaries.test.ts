import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = '.dependency-cruiser.cjs';

/** Files that break the picture of docs/architecture.md, and the rule that must notice. */
const PLANTED: readonly { readonly what: string; readonly rule: string; readonly files: Record<string, string> }[] = [
  {
    what: 'an upward import: core knows a module',
    rule: 'core-is-the-floor',
    files: {
      'core/planted-upward.ts': `export { planted } from '../cache/planted-upward.js';`,
      'cache/planted-upward.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'an upward import of a type only',
    rule: 'core-is-the-floor',
    files: {
      'core/planted-type.ts': `import type { Planted } from '../cache/planted-type.js';\nexport type Again = Planted;`,
      'cache/planted-type.ts': 'export type Planted = 1;',
    },
  },
  {
    what: 'a sideways import: one module knows another',
    rule: 'modules-do-not-meet',
    files: {
      'cache/planted-sideways.ts': `export { planted } from '../sql/planted-sideways.js';`,
      'sql/planted-sideways.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'a sideways import by import()',
    rule: 'modules-do-not-meet',
    files: {
      'cache/planted-lazy.ts': `export const load = (): Promise<object> => import('../memory/planted-lazy.js');`,
      'memory/planted-lazy.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'a module that knows a composition',
    rule: 'modules-look-down',
    files: {
      'cache/planted-composition.ts': `export { planted } from '../llm/planted-composition.js';`,
      'llm/planted-composition.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'a module that knows an integration',
    rule: 'modules-look-down',
    files: {
      'cache/planted-integration.ts': `export { planted } from '../integrations/planted-integration.js';`,
      'integrations/planted-integration.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'a composition that knows another',
    rule: 'compositions-do-not-meet',
    files: {
      'llm/planted-beside.ts': `export { planted } from '../prompt/planted-beside.js';`,
      'prompt/planted-beside.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'a composition that knows an integration',
    rule: 'compositions-look-down',
    files: {
      'llm/planted-above.ts': `export { planted } from '../integrations/planted-above.js';`,
      'integrations/planted-above.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'a module that knows the command line',
    rule: 'nothing-imports-the-command-line',
    files: {
      'monitor/planted-command.ts': `export { planted } from '../cli/planted-command.js';`,
      'cli/planted-command.ts': 'export const planted = 1;',
    },
  },
  {
    what: 'a cycle',
    rule: 'no-cycles',
    files: {
      'cache/planted-a.ts': `import { b } from './planted-b.js';\nexport const a = (): number => b();`,
      'cache/planted-b.ts': `import { a } from './planted-a.js';\nexport const b = (): number => a();`,
    },
  },
  {
    what: 'a package that only development has',
    rule: 'no-dev-packages',
    files: { 'core/planted-dev.ts': `import fc from 'fast-check';\nexport const planted: unknown = fc;` },
  },
  {
    what: 'an optional peer that is imported at the start',
    rule: 'optional-peers-load-on-first-use',
    files: {
      'core/planted-peer.ts': `import KeyvRedis from '@keyv/redis';\nexport const planted: unknown = KeyvRedis;`,
    },
  },
  {
    what: 'a package that nobody declares',
    rule: 'declared-packages-only',
    files: {
      'core/planted-undeclared.ts': `import x from 'not-a-package-of-ours';\nexport const planted: unknown = x;`,
    },
  },
];
/** What the picture allows, so that the rules are not simply closed. */
const ALLOWED: Record<string, string> = {
  'sql-cache/planted.ts': `export { planted } from '../cache/planted.js';\nexport { other } from '../sql/planted.js';`,
  'integrations/planted.ts': `export { planted } from '../sql-cache/planted.js';`,
  'cache/planted.ts': `export { planted } from '../core/planted.js';`,
  'sql/planted.ts': 'export const other = 1;',
  'core/planted-peer.ts': `export const load = (): Promise<unknown> => import('@keyv/redis');`,
  'core/planted.ts': 'export const planted = 1;',
};

interface Cruise {
  readonly exit: number;
  /** Rule and importing file of each violation. */
  readonly violations: readonly { readonly rule: string; readonly from: string }[];
}

/** Runs the layer check, with our configuration, over a copy of src with more files in it. */
async function cruise(files: Record<string, string>): Promise<Cruise> {
  const copy = await mkdtemp(join(tmpdir(), 'hotpath-boundaries-'));
  try {
    await cp(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
    for (const file of [CONFIG, 'tsconfig.json', 'package.json']) await cp(join(ROOT, file), join(copy, file));
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    for (const [path, source] of Object.entries(files)) {
      await mkdir(dirname(join(copy, 'src', path)), { recursive: true });
      await writeFile(join(copy, 'src', path), source);
    }
    const cruiser = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    // The reporter of `npm run lint`: its exit code is what fails the check.
    const { code, stdout } = await run(process.execPath, [cruiser, '--config', CONFIG, 'src'], { cwd: copy }).then(
      (done) => ({ code: 0, stdout: done.stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    const lines = [...stdout.matchAll(/error ([\w-]+): (?:src\/)?(\S+)/g)];
    return { exit: code, violations: lines.map(([, rule = '', from = '']) => ({ rule, from })) };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

describe('the layer check', () => {
  it('passes for the tree as it is, and for imports that point down', async () => {
    expect(await cruise(ALLOWED)).toEqual({ exit: 0, violations: [] });
  });

  // All planted at once, since a run takes seconds: the importing file tells them apart.
  describe('with planted imports', () => {
    let verdict: Cruise;
    beforeAll(async () => {
      verdict = await cruise(Object.assign({}, ...PLANTED.map(({ files }) => files)) as Record<string, string>);
    });

    it('fails', () => {
      expect(verdict.exit).toBeGreaterThan(0);
    });

    it.each(PLANTED)('reports $what', ({ rule, files }) => {
      const from = Object.keys(files)[0];
      expect(verdict.violations).toContainEqual({ rule, from });
    });

    it('reports nothing else', () => {
      expect(verdict.violations.filter(({ from }) => !from.includes('planted'))).toEqual([]);
    });
  });
});
