import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { IdentityError } from '../../src/cache/index.js';

const SRC = fileURLToPath(new URL('../../src/cache/index.ts', import.meta.url));

/** Two modules as applications have them: each with a class that minifies to a letter, another one, and functions. */
const model = (what: string): string => `
  import { cacheResult } from 'hotpath/cache';
  export function make(cache) {
    class ${what}Model {
      @cacheResult(() => cache) async create(name) { return '${what} named ' + name; }
      @cacheResult(() => cache) async find(name) { return '${what} found ' + name; }
      @cacheResult(() => cache) static async create(name) { return '${what} static ' + name; }
    }
    class ${what}Store {
      @cacheResult(() => cache) async create(name) { return '${what} stored ' + name; }
    }
    Object.defineProperty(${what}Store, 'name', { value: '' });
    const model = new ${what}Model();
    const store = new ${what}Store();
    return {
      create: (name) => model.create(name),
      find: (name) => model.find(name),
      nameless: (name) => store.create(name),
      fixed: (name) => ${what}Model.create(name),
    };
  }
  export function wrapNamed(cache) {
    const named = (() => async function create(name) { return '${what} function ' + name; })();
    return cacheResult(cache)(named);
  }
  export function wrapAnonymous(cache) {
    return cacheResult(cache)(async (name) => '${what} ' + name);
  }
`;

const ENTRY = `
  export { CacheManager } from 'hotpath/cache';
  export * as users from 'users';
  export * as shops from 'shops';
`;

type Calls = Record<'create' | 'find' | 'nameless' | 'fixed', (name: string) => Promise<string>>;
interface Module {
  make(cache: object): Calls;
  wrapNamed(cache: object): (name: string) => Promise<string>;
  wrapAnonymous(cache: object): (name: string) => Promise<string>;
}
interface Bundle {
  CacheManager: new () => { on(name: 'error', listener: (data: { error: unknown }) => void): void };
  users: Module;
  shops: Module;
}

async function bundle(options: BuildOptions): Promise<{ code: string; bundle: Bundle }> {
  const files: Record<string, string> = { users: model('User'), shops: model('Shop') };
  const result = await build({
    stdin: { contents: ENTRY, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    // quick-lru stands in the repository's node_modules.
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    plugins: [
      {
        name: 'modules',
        setup(b) {
          b.onResolve({ filter: /^hotpath\/cache$/ }, () => ({ path: SRC }));
          b.onResolve({ filter: /^(users|shops)$/ }, ({ path }) => ({ path, namespace: 'model' }));
          b.onLoad({ filter: /.*/, namespace: 'model' }, ({ path }) => ({
            contents: files[path] ?? '',
            loader: 'ts',
            resolveDir: fileURLToPath(new URL('.', import.meta.url)),
          }));
        },
      },
    ],
    ...options,
  });
  const code = result.outputFiles?.[0]?.text ?? '';
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  // Vite must not look at the address.
  return { code, bundle: (await import(/* @vite-ignore */ url)) as Bundle };
}

describe.each<[string, BuildOptions]>([
  ['standard', { tsconfigRaw: {} }],
  ['legacy', { tsconfigRaw: { compilerOptions: { experimentalDecorators: true } } }],
])('a minified bundle with %s decorators', (form, options) => {
  let made: Bundle;

  beforeAll(async () => {
    const { code, bundle: loaded } = await bundle(options);
    made = loaded;
    expect(code, 'the class names are gone').not.toMatch(/UserModel|ShopModel|UserStore/);
  });

  it('never gives a method the results of another', async () => {
    const cache = new made.CacheManager();
    const [users, shops] = [made.users.make(cache), made.shops.make(cache)];
    // Twice: the second round is answered from the cache, where it may be.
    for (let round = 0; round < 2; round++) {
      for (const [what, calls] of [
        ['User', users],
        ['Shop', shops],
      ] as const) {
        expect(await calls.create('x')).toBe(`${what} named x`);
        expect(await calls.find('x')).toBe(`${what} found x`);
        expect(await calls.nameless('x')).toBe(`${what} stored x`);
        expect(await calls.fixed('x')).toBe(`${what} static x`);
      }
    }
  });

  it('refuses functions without a name, and a second one of a name', () => {
    const cache = new made.CacheManager();
    // Minified, even a named function has lost its name: that, too, is said where it is wrapped.
    expect(outcome(() => made.users.wrapAnonymous(cache))).toBe('IDENTITY');
    const outcomes = [made.users, made.shops].map((module) => outcome(() => module.wrapNamed(cache)));
    expect(outcomes[1], `${form}: ${outcomes}`).toBe('IDENTITY');
  });
});

function outcome(wrap: () => unknown): string {
  try {
    wrap();
    return 'wrapped';
  } catch (error) {
    expect(error).toMatchObject({ name: IdentityError.name });
    return (error as IdentityError).code;
  }
}
