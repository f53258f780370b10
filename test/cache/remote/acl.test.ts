import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CacheManager, type CacheOptions } from '../../../src/cache/index.js';
import { findRedis, type RedisServer } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

async function documented(): Promise<{ commands: string[]; rule: string[] }> {
  const page = await readFile(join(ROOT, 'docs/redis.md'), 'utf8');
  const section = /\n## Commands\n([\s\S]*?)\n## /.exec(`${page}\n## `)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const commands = rows.flatMap((row) => [...row.matchAll(/`([A-Z]+)`/g)].map(([, name = '']) => name));
  const rule = /^ACL SETUSER (.*)$/m.exec(section)?.[1]?.split(' ') ?? [];
  return { commands: [...new Set(commands)].sort(), rule };
}

/** The commands that the sources name: in scripts, in lists of arguments, and as the one that both clients have a method for. */
async function inSources(): Promise<string[]> {
  const names = new Set<string>();
  for (const folder of ['src/cache/remote', 'src/core/redis']) {
    for (const file of await readdir(join(ROOT, folder))) {
      const text = await readFile(join(ROOT, folder, file), 'utf8');
      for (const [, name = ''] of text.matchAll(/(?:redis\.p?call\(|\[\s*)'([A-Z]{3,})'/g)) names.add(name);
      if (/\.subscribe\(/.test(text)) names.add('SUBSCRIBE');
    }
  }
  return [...names].sort();
}

const { commands, rule } = await documented();
const granted = rule.filter((part) => part.startsWith('+')).map((part) => part.slice(1).toUpperCase());

describe('the documented commands', () => {
  it('are those of the sources, and those of the documented rule', async () => {
    expect(commands.length).toBeGreaterThan(15);
    expect(commands).toEqual(await inSources());
    expect([...granted].sort()).toEqual(commands);
  });
});

describeWith('a user with the documented commands', await findRedis({ private: true }), (start) => {
  let redis: RedisServer;
  let admin: Redis;
  const opened: CacheManager[] = [];

  beforeAll(async () => {
    redis = await start();
    admin = new Redis(redis.port, '127.0.0.1');
    // A namespace with as many versions as are kept, so that the next one makes it forget the oldest.
    const fill = `
      redis.call('ZADD', KEYS[1], 1e15, '!seq', -1e14, '!birth', -1e14, '!floor')
      for i = 1, 100000 do redis.call('ZADD', KEYS[1], 2e14 + i, 'tfilled:' .. i) end`;
    await admin.eval(fill, 1, 'hp1:{full}:v');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((cache) => cache.close()));
  });
  afterAll(async () => {
    admin?.disconnect();
    await redis?.close();
  });

  /** Makes a user, and says by what URL to come as it. */
  async function user(name: string, rules: readonly string[]): Promise<string> {
    await admin.call('ACL', 'SETUSER', name, 'reset', ...rules);
    return `redis://${name}:secret@127.0.0.1:${redis.port}`;
  }

  /** What users were refused since the last `ACL LOG RESET`: commands, keys and channels. */
  async function refusals(): Promise<string[]> {
    const log = (await admin.call('ACL', 'LOG', '128')) as (string | number)[][];
    const objects = log.map((entry) => String(entry[entry.indexOf('object') + 1]).toUpperCase());
    // From 7.2 on clients name their library, and do without where they may not.
    return [...new Set(objects)].filter((object) => !object.startsWith('CLIENT')).sort();
  }

  function open(url: string, namespace: string, options: Partial<CacheOptions> = {}): CacheManager {
    const cache = new CacheManager({ namespace, remote: url, coordinator: { lease: '90ms' }, jitter: 0, ...options });
    opened.push(cache);
    return cache;
  }

  /** Uses every feature once. Goes on where one fails: the server's log says what was refused. */
  async function useAll(url: string, namespace: string): Promise<void> {
    const a = open(url, namespace);
    const b = open(url, namespace);
    await Promise.all([a.ready(), b.ready()]);
    // Long enough for its lease to be renewed.
    const slow = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 70, 'value'));
    await a.getOrSet('loaded', slow, { tags: ['tag'] });
    await b.get('loaded');
    await b.getMany(['loaded', 'one', 'two']);
    await a.getOrSet('failing', () => Promise.reject(new Error('on purpose'))).catch(() => {});
    await a.set('one', 1);
    await a.set('two', 2);
    await a.delete('one');
    await a.invalidateTags(['tag']);
    await a.invalidate('lo*');
    await a.delete('two', { soft: true });
    await a.invalidate('*:north:?');
    await a.clear();
    // What is damaged is taken out.
    await admin.set(`hp1:{${namespace}:1:damaged}`, Buffer.from('4850c1ff01000000000102', 'hex'));
    await a.get('damaged');
    const full = open(url, 'full');
    await full.ready();
    await full.invalidateTags([namespace]);
    await Promise.all(opened.splice(0).map((cache) => cache.close()));
  }

  it('may do all that is done', async () => {
    const url = await user(rule[0]!, rule.slice(1));
    await admin.call('ACL', 'LOG', 'RESET');
    await useAll(url, 'whole');
    expect(await refusals()).toEqual([]);
    expect(await admin.exists('hp1:{whole:1:damaged}')).toBe(0);
    expect(await admin.zcard('hp1:{full}:v')).toBe(100_003);
  });

  it('has every feature', async () => {
    const url = await user(rule[0]!, rule.slice(1));
    const [a, b] = [open(url, 'features'), open(url, 'features')];
    await Promise.all([a.ready(), b.ready()]);
    await expect.poll(() => [a.stats().remote?.bus, b.stats().remote?.bus]).toEqual(['live', 'live']);
    await a.getOrSet('k', () => 1, { tags: ['t'] });
    await expect.poll(() => b.get('k')).toBe(1);
    expect(await a.invalidateTags(['t'])).toMatchObject({ remote: 'done' });
    await expect.poll(() => b.peek('k')).toBeUndefined();
    await a.set('x:north:1', 1);
    await a.set('kept', 2);
    expect(await a.invalidate('*:north:?')).toMatchObject({ remote: 'done' });
    expect([await a.get('x:north:1'), await b.get('x:north:1'), await b.get('kept')]).toEqual([
      undefined,
      undefined,
      2,
    ]);
    expect(a.stats().remote).toMatchObject({ errors: 0, timeouts: 0, state: 'closed', unconfirmed: 0 });
  });

  it.each(commands.map((name, i) => ({ name, i })))('needs $name', async ({ name, i }) => {
    const url = await user(`less${i}`, [...rule.slice(1), `-${name.toLowerCase()}`]);
    await admin.call('ACL', 'LOG', 'RESET');
    // Otherwise no script has to be sent whole.
    await admin.script('FLUSH');
    await useAll(url, `less${i}`);
    expect(await refusals()).toContain(name);
  });

  it('may touch no key and no channel of another prefix', async () => {
    const url = await user(
      'other',
      rule.slice(1).map((part) => part.replace('hp1:', 'other:')),
    );
    await admin.call('ACL', 'LOG', 'RESET');
    const cache = open(url, 'other');
    await cache.ready();
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
    expect(await refusals()).toEqual(expect.arrayContaining(['HP1:{OTHER}:BUS', 'HP1:{OTHER}:V']));
    expect(cache.stats().remote?.bus).toBe('lost');
  });

  it('may keep values with a few commands, where the coordinator is another user', async () => {
    const few = '`PING`, `GET`, `SET` and `DEL`, and\n`SCAN` for globs';
    expect(await readFile(join(ROOT, 'docs/redis.md'), 'utf8')).toContain(few);
    const second = await start();
    const secondAdmin = new Redis(second.port, '127.0.0.1');
    const keysOnly = rule.slice(1).filter((part) => !/^[+&]/.test(part));
    await secondAdmin.call('ACL', 'SETUSER', 'values', 'reset', ...keysOnly, '+ping', '+get', '+set', '+del', '+scan');
    const values = `redis://values:secret@127.0.0.1:${second.port}`;
    const coordinator = await user('coordinator', [...rule.slice(1), '-mget', '-scan']);
    await admin.call('ACL', 'LOG', 'RESET');
    const cache = open(values, 'apart', { coordinator });
    const other = open(values, 'apart', { coordinator });
    await Promise.all([cache.ready(), other.ready()]);
    await cache.getOrSet('k', () => 1, { tags: ['t'] });
    await cache.set('l', 2);
    await expect.poll(async () => (await other.getMany(['k', 'l'])).size).toBe(2);
    await cache.set('x:north:1', 3);
    await cache.set('kept', 4);
    await cache.invalidate('*:north:?');
    // Swept: where that fails, everything goes.
    expect([await other.get('x:north:1'), await other.get('kept')]).toEqual([undefined, 4]);
    await cache.delete('l');
    await cache.invalidateTags(['t']);
    await expect.poll(async () => (await other.getMany(['k', 'l'])).size).toBe(0);
    expect(cache.stats().remote).toMatchObject({ errors: 0, unconfirmed: 0 });
    await Promise.all(opened.splice(0).map((one) => one.close()));
    expect(await refusals()).toEqual([]);
    expect(await secondAdmin.call('ACL', 'LOG')).toEqual([]);
    secondAdmin.disconnect();
    await second.close();
  });
});
