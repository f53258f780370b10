import { expect, it } from 'vitest';
import { INVALIDATE, MOST_VERSIONS, SYNC } from '../../../src/cache/remote/version-scripts.js';
import { redisScript } from '../../../src/core/redis/script.js';
import { SeededRandom, seedOf } from '../../random.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { useNodes } from './nodes.js';

describeWith('the scripts of versions', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  type State = [now: string, sequence: string, birth: string, floor: string];
  const invalidate = (text: string, atLeast: number, what: string, ...names: string[]): Promise<State> => {
    const args = [String(atLeast), nodes.names.channel, '{"v":1', what, ...names];
    return nodes.raw.eval(text, 1, nodes.names.versions, ...args) as Promise<State>;
  };
  const sync = (atLeast: number, after: number, offset = 0, count = 1000): Promise<[...State, string[]]> => {
    const args = [String(atLeast), String(after), String(offset), String(count), '', ''];
    return nodes.raw.eval(SYNC.text, 1, nodes.names.versions, ...args) as Promise<[...State, string[]]>;
  };

  it('give out numbers that only rise', async () => {
    let last = 0;
    for (let i = 0; i < 200; i++) {
      const [, sequence] = await invalidate(INVALIDATE.text, 0, i % 50 === 49 ? 'clear' : 'names', `t${i % 7}`);
      expect(Number(sequence)).toBeGreaterThan(last);
      last = Number(sequence);
    }
    expect(Number((await sync(0, 0))[1])).toBe(last);
  });

  it('start at the clock, and at what a node knows if that is more', async () => {
    const [now, sequence, birth, floor] = (await sync(0, 0)).map(Number) as number[];
    expect([sequence, birth, floor]).toEqual([now, now, now]);
    await nodes.raw.del(nodes.names.versions);
    const ahead = now! + 5e6;
    const [, again, rebirth] = (await sync(ahead, 0)).map(Number) as number[];
    expect([again, rebirth]).toEqual([ahead, ahead]);
    expect(Number((await sync(ahead + 7, 0))[1])).toBe(ahead + 7);
    expect(Number((await sync(1, 0))[1])).toBe(ahead + 7);
  });

  it('do not believe a number more than a day ahead', async () => {
    const [now] = (await sync(0, 0)).map(Number) as number[];
    const [, sequence] = (await sync(now! + 2 * 86_400e6, 0)).map(Number) as number[];
    expect(sequence).toBeLessThan(now! + 60e6);
  });

  it('keep all digits of a number', async () => {
    const odd = 1_799_999_999_999_999;
    const real = Number((await sync(0, 0))[0]);
    await nodes.raw.zadd(nodes.names.versions, Math.max(odd, real + 1), '!seq');
    const expected = Math.max(odd, real + 1) + 1;
    const [, sequence] = await invalidate(INVALIDATE.text, 0, 'names', 'ta');
    expect(Number(sequence)).toBe(expected);
    expect((await sync(0, expected - 1))[4]).toEqual(['ta', String(expected), '!seq', String(expected)]);
  });

  it('answer only what is newer, page by page, newest first', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `t${i}`);
    const sequences: number[] = [];
    for (const name of names) sequences.push(Number((await invalidate(INVALIDATE.text, 0, 'names', name))[1]));
    const after = sequences[4]!;
    const found: string[] = [];
    for (let offset = 0; ; offset += 6) {
      const pairs = (await sync(0, after, offset, 6))[4];
      for (let i = 0; i < pairs.length; i += 2) if (!pairs[i]!.startsWith('!')) found.push(pairs[i]!);
      if (pairs.length < 12) break;
    }
    expect(found).toEqual(names.slice(5).reverse());
    expect((await sync(0, sequences.at(-1)!))[4]).toEqual([]);
  });

  it('empty the names with a clear, and raise the floor to it', async () => {
    await invalidate(INVALIDATE.text, 0, 'names', 'ta', 'pb');
    const [, sequence, , floor] = await invalidate(INVALIDATE.text, 0, 'clear');
    expect(floor).toBe(sequence);
    const [, , , later, pairs] = await sync(0, 0);
    expect(later).toBe(sequence);
    expect(pairs.filter((_, i) => i % 2 === 0 && !pairs[i]!.startsWith('!'))).toEqual([]);
  });

  it('forget the oldest names beyond a bound, and raise the floor to the last of those', async () => {
    const most = 5;
    const text = INVALIDATE.text.replace(String(MOST_VERSIONS + 3), String(most + 3));
    expect(text).not.toBe(INVALIDATE.text);
    const random = new SeededRandom(seedOf('forgetting versions'));
    const model = new Map<string, number>();
    let floor = Number((await sync(0, 0))[3]);
    for (let i = 0; i < 300; i++) {
      const names = Array.from({ length: 1 + random.below(3) }, () => `t${random.below(12)}`);
      const sequence = Number((await invalidate(text, 0, 'names', ...names))[1]);
      for (const name of names) model.set(name, sequence);
      const oldest = [...model].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
      for (const [name, version] of oldest.slice(0, Math.max(0, model.size - most))) {
        model.delete(name);
        floor = Math.max(floor, version);
      }
      const [, last, , there, pairs] = await sync(0, 0);
      expect([Number(last), Number(there)]).toEqual([sequence, floor]);
      const stored = new Map<string, number>();
      for (let j = 0; j < pairs.length; j += 2)
        if (!pairs[j]!.startsWith('!')) stored.set(pairs[j]!, Number(pairs[j + 1]));
      expect(stored).toEqual(model);
    }
  });

  it('make entries miss whose tag may be among the forgotten ones', async () => {
    const text = INVALIDATE.text.replace(String(MOST_VERSIONS + 3), String(2 + 3));
    const here = await nodes.open();
    await nodes.load(here, 'old', 'v', ['t']);
    await invalidate(text, 0, 'names', 'tt');
    await nodes.load(here, 'between', 'v');
    for (const name of ['a', 'b', 'c']) await invalidate(text, 0, 'names', `t${name}`);
    await nodes.load(here, 'new', 'v');
    const there = await nodes.open();
    expect(await there.get('old')).toBeUndefined();
    expect(await there.get('new')).toBe('v');
  });

  it('are known under the hash of their text', () => {
    expect(redisScript(SYNC.text).sha).toBe(SYNC.sha);
  });
});
