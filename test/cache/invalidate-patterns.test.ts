import { describe, expect, it } from 'vitest';
import { testCache } from './deferred.js';

/** Which of `keys` are left after the pattern was invalidated. */
async function left(pattern: string, keys: readonly unknown[]): Promise<unknown[]> {
  const { cache } = testCache();
  for (const key of keys) await cache.set(key as string, 'v');
  await cache.invalidate(pattern);
  return keys.filter((key) => cache.peek(key as string) !== undefined);
}

describe('invalidate', () => {
  it.each([
    ['report:*', ['report:1', 'report:', 'report:1:2'], ['report', 'reports:1', 'my report:1', 'Report:1']],
    ['*', ['a', '', 'a:b', '\n'], []],
    ['report:1', ['report:1'], ['report:12', 'report:']],
    ['*:2024', ['a:2024', ':2024'], ['a:2024:b', '2024']],
    ['a?c', ['abc', 'a?c', 'a*c', 'a\nc'], ['ac', 'abbc', 'abcd']],
    ['a*b*c', ['abc', 'a--b--c', 'abbcc'], ['acb', 'abcd']],
    ['a**', ['a', 'ab'], ['b']],
    ['a\\*', ['a*'], ['ab', 'a', 'a\\*']],
    ['a\\?*', ['a?', 'a?b'], ['ab']],
    ['a\\\\*', ['a\\', 'a\\b'], ['ab']],
    ['a\\', ['a\\'], ['a']],
    ['a.c*d', ['a.cd', 'a.c-d'], ['abcd']],
    ['[ab](x)$^+{1}|*z', ['[ab](x)$^+{1}|z'], ['az', 'bz', 'z']],
  ])('%j takes %j and leaves %j', async (pattern, taken, spared) => {
    expect(await left(pattern, [...taken, ...spared])).toEqual(spared);
  });

  it('does not take keys that are no strings, unless all are meant', async () => {
    const keys = [1, { id: 1 }, ['a']];
    expect(await left('1*', keys)).toEqual(keys);
    expect(await left('*', keys)).toEqual([]);
  });

  it('takes long keys by their start: rather one too many than one too few', async () => {
    const a = `report:${'x'.repeat(5000)}`;
    const b = `sale:${'x'.repeat(5000)}`;
    expect(await left('report:*', [a, b])).toEqual([b]);
    expect(await left('report:*x', [a, b])).toEqual([b]);
    expect(await left(`report:${'x'.repeat(200)}*`, [a, b])).toEqual([b]);
    expect(await left(a, [a, b])).toEqual([b]);
  });

  it('has taken effect before its promise resolves, like every invalidation', async () => {
    const { cache } = testCache();
    for (const invalidate of [
      () => cache.invalidate('k*'),
      () => cache.invalidate('?'),
      () => cache.delete('k'),
      () => cache.deleteMany(['k']),
      () => cache.invalidateTags(['t']),
      () => cache.clear(),
    ]) {
      await cache.set('k', 'v', { tags: ['t'] });
      const done = invalidate();
      expect(cache.peek('k')).toBeUndefined();
      await done;
    }
  });

  it('does not concern what is written after it', async () => {
    const { cache } = testCache();
    for (const pattern of ['k*', '?', 'k', '*']) {
      await cache.invalidate(pattern);
      await cache.set('k', 'v');
      expect(cache.peek('k')).toBe('v');
    }
  });

  it('does not take exponential time over many stars', async () => {
    const key = 'a'.repeat(200);
    expect(await left(`${'*a'.repeat(8)}*b`, [key])).toEqual([key]);
    expect(await left(`${'*'.repeat(200)}b`, [key])).toEqual([key]);
  });
});

describe('tags', () => {
  it('take out what carries any of them, whatever else it carries', async () => {
    const { cache } = testCache();
    await cache.set('a', 'v', { tags: ['x'] });
    await cache.set('b', 'v', { tags: ['y', 'z'] });
    await cache.set('c', 'v', { tags: ['z'] });
    await cache.set('d', 'v');
    await cache.invalidateTags(['x', 'y']);
    expect([...(await cache.getMany(['a', 'b', 'c', 'd'])).keys()]).toEqual(['c', 'd']);
    expect(await cache.has('a')).toBe(false);
  });

  it('are those of the newest write', async () => {
    const { cache } = testCache();
    await cache.set('k', 'v', { tags: ['old'] });
    await cache.set('k', 'v', { tags: ['new'] });
    await cache.invalidateTags(['old']);
    expect(cache.peek('k')).toBe('v');
    await cache.invalidateTags(['new']);
    expect(cache.peek('k')).toBeUndefined();
  });

  it('may be any text', async () => {
    const { cache } = testCache();
    for (const tag of ['__proto__', 'constructor', '*', 'a b', '\u0000', '가']) {
      await cache.set('k', 'v', { tags: [tag] });
      expect(cache.peek('k')).toBe('v');
      await cache.invalidateTags([tag]);
      expect(cache.peek('k')).toBeUndefined();
    }
  });
});

it.each(['\0a*', '\0*c', '?abc', '*c', '*'])('a key that starts with NUL is matched as it is: %j', async (pattern) => {
  expect(await left(pattern, ['\0abc', '\0xyz'])).not.toContain('\0abc');
});
