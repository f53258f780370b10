import { expect, it } from 'vitest';
import { CacheManager } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { until, useNodes } from './nodes.js';

const NASTY = [
  'a',
  'a:b',
  'a:1',
  'a}b',
  '{a}',
  'a{',
  'a%3Ab',
  'a\u0000b',
  'ä',
  '\u00e4\u0301',
  '日本',
  'a\ud800',
  'a\udc00',
  'a*',
  'a?',
  '[a]',
  'a\\',
  'a b',
  'a\r\nb',
  '!seq',
];

describeWith('names on the server', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('of different namespaces never meet, whatever they are called', async () => {
    await nodes.raw.flushall();
    const caches = await Promise.all(NASTY.map((namespace) => nodes.open<string>({ namespace })));
    const keys = ['k', 'b:1:k', '1:k'];
    for (const [i, cache] of caches.entries())
      for (const key of keys) await cache.set(key, `${i} ${key}`, { tags: ['t'] });
    const check = async (gone: number): Promise<void> => {
      for (const [i, namespace] of NASTY.entries()) {
        const fresh = await nodes.open<string>({ namespace });
        const expected = i === gone ? [] : keys.map((key) => [key, `${i} ${key}`]);
        expect([...(await fresh.getMany(keys))]).toEqual(expected);
      }
    };
    await check(-1);
    await caches[0]!.clear();
    await check(0);
    await caches[0]!.setMany(keys.map((key) => [key, `0 ${key}`] as const));
    await caches[1]!.invalidateTags(['t']);
    await check(1);
    for (const key of keys) await caches[1]!.set(key, `1 ${key}`);
    await caches[13]!.invalidate('*k');
    await check(13);
  });

  it('of different versions never meet', async () => {
    const one = await nodes.open({ version: 1 });
    const two = await nodes.open({ version: 2 });
    const text = await nodes.open({ version: '1:x' });
    await one.set('k', 1);
    expect(await two.get('k')).toBeUndefined();
    expect(await two.getOrSet('k', () => 2)).toBe(2);
    await text.set('k', 3);
    await two.delete('k');
    expect(await one.get('k')).toBe(1);
    expect(await (await nodes.open({ version: '1' })).get('k')).toBe(1);
    expect(await text.get('k')).toBe(3);
  });

  it('of keys come back as the keys they are', async () => {
    const here = await nodes.open<number>();
    const there = await nodes.open<number>();
    const long = 'x'.repeat(255);
    const keys: unknown[] = [
      ...NASTY,
      ...['', ' ', long, `${long}y`, `${long}yz`, `${long}yzz`, `${'\ud800'.repeat(300)}`, `${'\udbff'.repeat(300)}`],
      ...[
        1,
        '1',
        1n,
        true,
        null,
        [1],
        ['1'],
        { a: 1 },
        { a: '1' },
        new Date(0),
        new Map([[1, 2]]),
        ['\ud800'],
        ['\ufffd'],
      ],
    ];
    for (const [i, key] of keys.entries()) expect(await here.set(key as never, i)).toBe(true);
    for (const [i, key] of keys.entries()) expect(await there.get(key as never)).toBe(i);
    for (const key of keys) await here.delete(key as never);
    await until('there has heard', () => keys.every((key) => there.peek(key as never) === undefined));
    for (const key of keys) expect(await there.get(key as never)).toBeUndefined();
    const asked: unknown[] = [];
    const values = await there.getOrSetMany(keys as never[], (missing) => {
      asked.push(...missing);
      return missing.map((_, i) => i);
    });
    expect(asked).toEqual(keys);
    expect(values.size).toBe(keys.length);
    for (const [i, key] of keys.entries()) {
      expect(await there.get(key as never)).toBe(i);
    }
  });

  it('of tags hit those who carry them, and nobody else', async () => {
    const here = await nodes.open<string>();
    const there = await nodes.open<string>();
    const tags = NASTY.concat('\ufffd', 'A', 't', 'ta', 'pa', 'x'.repeat(1000));
    for (const [i, tag] of tags.entries()) await here.set(`k${i}`, tag, { tags: [tag] });
    for (const [i, tag] of tags.entries()) {
      await here.invalidateTags([tag]);
      await until('there has heard', async () => (await there.get(`k${i}`)) === undefined);
      const fresh = await nodes.open<string>();
      expect([...(await fresh.getMany(tags.map((_, j) => `k${j}`))).keys()]).toEqual(
        tags.slice(i + 1).map((_, j) => `k${i + 1 + j}`),
      );
      await fresh.close();
    }
  });

  it('of prefixes hit the keys that begin so, and no others', async () => {
    const here = await nodes.open<number>();
    const keys = NASTY.map((name) => `${name}|rest`);
    for (const name of ['a:b', '{a}', 'a\u0000b', 'a\ud800', 'a%3Ab', '!seq']) {
      await here.setMany(keys.map((key, i) => [key, i] as const));
      await here.invalidate(`${name}|*`);
      const fresh = await nodes.open<number>();
      expect(keys.filter((_, i) => NASTY[i] !== name)).toEqual([...(await fresh.getMany(keys)).keys()]);
      await fresh.close();
    }
  });

  it('of scopes never meet', async () => {
    let who: string | string[] = 'a';
    const scope = (): string | string[] => who;
    const here = await nodes.open<unknown>({ scope });
    const there = await nodes.open<unknown>({ scope });
    const scopes = ['a', 'b', ['a'], ['a', 'b'], ['a,b'], 'a\u0000', 'x'.repeat(500), `${'x'.repeat(500)}y`];
    for (const each of scopes) {
      who = each;
      await here.set('k', each);
    }
    for (const each of scopes) {
      who = each;
      expect(await there.get('k')).toEqual(each);
    }
    who = 'c';
    expect(await there.get('k')).toBeUndefined();
  });

  it('need a namespace', () => {
    expect(() => new CacheManager({ remote: nodes.url })).toThrow(/namespace/);
  });

  it('are those of the wire format', async () => {
    await nodes.raw.flushall();
    const cache = await nodes.open({ namespace: 'reports', coordinator: { heartbeat: '1m' } });
    await cache.set('report:2024', 1, { tags: ['t'] });
    await cache.invalidateTags(['table:sales']);
    await cache.delete('gone');
    expect((await nodes.raw.keys('*')).sort()).toEqual([
      'hp1:{reports:1:gone}:x',
      'hp1:{reports:1:report:2024}',
      'hp1:{reports}:v',
    ]);
    expect((await nodes.raw.zrange('hp1:{reports}:v', 0, -1)).sort()).toEqual([
      '!birth',
      '!floor',
      '!seq',
      'ttable:sales',
    ]);
  });
});
