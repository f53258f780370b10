import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRedis, type RedisServer } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { usePacked } from './use-packed.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { consumer } = usePacked();

type Format = 'module' | 'commonjs';
const FORMATS: readonly Format[] = ['module', 'commonjs'];

/** Runs statements in a project that has installed the package, with `hotpath` loaded in that format. Parses what they print. */
async function inProject<T>(folder: string, format: Format, body: string): Promise<T> {
  const hotpath = format === 'module' ? `await import('hotpath')` : `require('hotpath')`;
  const script = `(async () => { const { CacheManager, HotpathError } = ${hotpath}; ${body} })();`;
  const { stdout } = await run(process.execPath, [`--input-type=${format}`, '-e', script], { cwd: folder });
  return JSON.parse(stdout) as T;
}

describeWith('the packed shared tier', await findRedis({ private: true }), (start) => {
  /** A project that has installed @keyv/redis too. */
  const project = join(dirname(consumer), 'consumer-with-redis');
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await start();
    const modules = join(project, 'node_modules');
    await mkdir(join(modules, '@keyv'), { recursive: true });
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer-with-redis', private: true }));
    // A copy: where a link leads to is where Node looks for the optional peer.
    for (const name of ['hotpath', 'quick-lru']) {
      await cp(join(consumer, 'node_modules', name), join(modules, name), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules/@keyv/redis'), join(modules, '@keyv/redis'), 'junction');
  });
  afterAll(() => redis?.close());

  const load = (format: Format, key: string, value: string): Promise<{ value: string; loads: number; bus: string }> =>
    inProject(
      project,
      format,
      `const cache = new CacheManager({ namespace: 'packed', remote: '${redis.url}' });
       cache.on('error', ({ error }) => { throw error; });
       await cache.ready();
       const value = await cache.getOrSet('${key}', () => '${value}');
       const { loads, remote } = cache.stats();
       await cache.close();
       console.log(JSON.stringify({ value, loads, bus: remote.bus }));`,
    );

  it.each([
    ['module', 'commonjs'],
    ['commonjs', 'module'],
  ] as const)('what one format (%s) writes the other (%s) reads', async (writer, reader) => {
    expect(await load(writer, `by-${writer}`, 'first')).toMatchObject({ value: 'first', loads: 1 });
    expect(await load(reader, `by-${writer}`, 'second')).toMatchObject({ value: 'first', loads: 0 });
  });

  it('keeps both formats apart in one process, and lets them share entries', async () => {
    const verdict = await inProject<object>(
      project,
      'module',
      `const { createRequire } = await import('node:module');
       const cjs = createRequire(process.cwd() + '/x.js')('hotpath');
       const options = { namespace: 'both', remote: '${redis.url}' };
       const a = new CacheManager(options);
       const b = new cjs.CacheManager(options);
       await Promise.all([a.ready(), b.ready()]);
       await a.set('key', { at: new Date(0) });
       const read = await b.get('key');
       await b.invalidate('key');
       await Promise.all([a.close(), b.close()]);
       console.log(JSON.stringify({ iso: read.at.toISOString(), same: CacheManager === cjs.CacheManager }));`,
    );
    expect(verdict).toEqual({ iso: '1970-01-01T00:00:00.000Z', same: false });
  });
});

describe.each(FORMATS)('without the optional peer (%s)', (format) => {
  const options = `{ namespace: 'n', remote: 'redis://127.0.0.1:1' }`;

  it('ready() says what is missing, in a class of the package that was loaded', async () => {
    const verdict = await inProject<{ code: string; message: string; instance: boolean }>(
      consumer,
      format,
      `const cache = new CacheManager(${options});
       const error = await cache.ready().then(() => ({}), (e) => e);
       await cache.close();
       console.log(JSON.stringify({ code: error.code, message: error.message, instance: error instanceof HotpathError }));`,
    );
    expect(verdict).toEqual({
      code: 'MISSING_PEER',
      message:
        'a redis:// URL as remote needs the package @keyv/redis, which is not installed: npm install @keyv/redis',
      instance: true,
    });
  });

  it('reads go on without the shared tier, and an event says why', async () => {
    const verdict = await inProject<object>(
      consumer,
      format,
      `const cache = new CacheManager(${options});
       const codes = new Set();
       const down = [];
       let lost = 0;
       cache.on('error', ({ error, during }) => (during === 'closing' ? lost++ : codes.add(error.code)));
       cache.on('remote:down', ({ reason }) => down.push(reason));
       const values = [await cache.getOrSet('key', () => 1), await cache.getOrSet('other', () => 2)];
       const { remote } = await cache.invalidateTags(['t']);
       await cache.close();
       console.log(JSON.stringify({ values, codes: [...codes], down, remote, lost }));`,
    );
    expect(verdict).toEqual({
      values: [1, 2],
      codes: ['MISSING_PEER'],
      down: ['the client could not be loaded'],
      remote: 'queued',
      // What could not be sent is named as the cache closes.
      lost: 1,
    });
  });
});
