import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { CacheManager, type Scope, ScopeRequiredError } from '../../src/cache/index.js';
import { heard } from './deferred.js';

function tenants(scopeRequired = false) {
  const who = new AsyncLocalStorage<Scope>();
  const cache = new CacheManager<string>({ scope: () => who.getStore(), scopeRequired });
  return { cache, as: <T>(tenant: Scope, fn: () => T): T => who.run(tenant, fn) };
}

describe('scope', () => {
  it('keeps the values of one apart from those of another, in every kind of read', async () => {
    const { cache, as } = tenants();
    await as('red', () => cache.set('k', 'red value'));
    await as('blue', async () => {
      expect(cache.peek('k')).toBeUndefined();
      expect(await cache.get('k')).toBeUndefined();
      expect(await cache.has('k')).toBe(false);
      expect(await cache.getEntry('k')).toBeUndefined();
      expect((await cache.getMany(['k'])).size).toBe(0);
      expect(await cache.getOrSet('k', () => 'blue value')).toBe('blue value');
      expect([...(await cache.getOrSetMany(['k', 'l'], () => ['L'])).values()]).toEqual(['blue value', 'L']);
    });
    expect(as('red', () => cache.peek('k'))).toBe('red value');
    expect(cache.peek('k')).toBeUndefined();
  });

  it('keeps what was stored for nobody from those who are named', async () => {
    const { cache, as } = tenants();
    await cache.set('k', 'of nobody');
    await as('red', async () => {
      expect(cache.peek('k')).toBeUndefined();
      expect(await cache.getOrSet('k', () => 'red value')).toBe('red value');
    });
    expect(cache.peek('k')).toBe('of nobody');
  });

  it('tells apart scopes that would look alike when joined', async () => {
    const { cache, as } = tenants();
    const scopes: Scope[] = [
      'a',
      ['a'],
      ['a', 'b'],
      'a,b',
      ['a,b'],
      'ab',
      ['b', 'a'],
      'x'.repeat(500),
      `${'x'.repeat(500)}y`,
    ];
    for (const [i, scope] of scopes.entries()) await as(scope, () => cache.set('k', `${i}`));
    for (const [i, scope] of scopes.entries()) expect(as(scope, () => cache.peek('k'))).toBe(`${i}`);
  });

  it('cannot be forged by a key', async () => {
    const { cache, as } = tenants();
    await as('red', () => cache.set('secret', 'red value'));
    const inner = '\u0000s"red"\u0000secret';
    expect(cache.peek(inner)).toBeUndefined();
    expect(await cache.get(inner)).toBeUndefined();
    expect(await cache.getOrSet(inner, () => 'own')).toBe('own');
  });

  it('is read at each call, also when the loads of two tenants overlap', async () => {
    const { cache, as } = tenants();
    const load = vi.fn(async (tenant: string) => `of ${tenant}`);
    const [red, blue] = await Promise.all([
      as('red', () => cache.getOrSet('k', () => load('red'))),
      as('blue', () => cache.getOrSet('k', () => load('blue'))),
    ]);
    expect([red, blue]).toEqual(['of red', 'of blue']);
  });

  it('bounds deletions and patterns, while tags and clear reach all of them', async () => {
    const { cache, as } = tenants();
    const fill = async () => {
      for (const tenant of ['red', 'blue']) {
        await as(tenant, () => cache.set('r:1', tenant, { tags: ['t'] }));
      }
    };
    const left = () => ['red', 'blue'].filter((tenant) => as(tenant, () => cache.peek('r:1')) !== undefined);
    for (const pattern of ['r:*', '*:1', 'r:1', '*']) {
      await fill();
      await as('red', () => cache.invalidate(pattern));
      expect(left()).toEqual(['blue']);
    }
    await fill();
    await as('red', () => cache.delete('r:1'));
    expect(left()).toEqual(['blue']);
    await fill();
    await as('red', () => cache.invalidateTags(['t']));
    expect(left()).toEqual([]);
    await fill();
    await as('red', () => cache.clear());
    expect(left()).toEqual([]);
  });

  it('does not show in events and reports: keys are the host keys', async () => {
    const { cache, as } = tenants();
    const misses = heard(cache, 'miss');
    await as(['red', 'x'.repeat(100)], async () => {
      await cache.getOrSet('k', () => 'v');
      await cache.getOrSet({ id: 1 }, () => 'v');
    });
    expect(misses.map(({ key }) => key)).toEqual(['k', '{"id":1}']);
    expect(new Set(cache.hotKeys().map(({ key }) => key))).toEqual(new Set(['k', '{"id":1}']));
  });
});

describe('a scope that is not text', () => {
  it.each([7, {}, [undefined], ['red', 7], true])('does not pass for nobody, nor for somebody: %j', async (who) => {
    const cache = new CacheManager({ scope: () => who as never });
    await expect(cache.set('k', 'v')).rejects.toThrow(/^scope must be a function that returns a string/);
    expect(() => cache.peek('k')).toThrow(/^scope must be/);
  });

  it('may be null for nobody', async () => {
    const cache = new CacheManager({ scope: () => null as never, scopeRequired: true });
    await expect(cache.get('k')).rejects.toThrow(ScopeRequiredError);
  });
});

describe('scopeRequired', () => {
  it('refuses every call that names a key while nobody is named, and runs no loader', async () => {
    const { cache } = tenants(true);
    const load = vi.fn(() => 'v');
    expect(() => cache.peek('k')).toThrow(ScopeRequiredError);
    for (const call of [
      () => cache.get('k'),
      () => cache.has('k'),
      () => cache.getOrSet('k', load),
      () => cache.getOrSetMany(['k'], () => [load()]),
      () => cache.set('k', 'v'),
      () => cache.setMany([['k', 'v']]),
      () => cache.delete('k'),
      () => cache.invalidate('k*'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'SCOPE_REQUIRED' });
    }
    expect(load).not.toHaveBeenCalled();
  });

  it('takes an empty name for nobody, and works for somebody', async () => {
    const { cache, as } = tenants(true);
    for (const nobody of ['', []]) await expect(as(nobody, () => cache.get('k'))).rejects.toThrow(ScopeRequiredError);
    expect(await as('red', () => cache.getOrSet('k', () => 'v'))).toBe('v');
  });

  it('needs a scope function', () => {
    expect(() => new CacheManager({ scopeRequired: true })).toThrow(/^scope must be a function when scopeRequired/);
  });
});
