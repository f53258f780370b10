import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostKey, innerKey, LONGEST_KEY, readableText, scopePrefix, shownKey } from '../../src/cache/cache-key.js';
import { CacheManager } from '../../src/cache/index.js';
import { seedOf } from '../random.js';

const LONG = 'x'.repeat(LONGEST_KEY + 1);
const SCOPES = ['', scopePrefix('a'), scopePrefix('b'), scopePrefix(['a', 'b']), scopePrefix('a'.repeat(100))];

describe('an inner key', () => {
  it('of a short string is the string itself', () => {
    expect(innerKey('report:1', '')).toBe('report:1');
    expect(innerKey('', '')).toBe('');
  });

  it('tells a text from a number, and plain data by its structure', () => {
    const keys = ['1', 1, 1n, true, 'true', null, 'null', undefined, 'undefined', [], '[]', [1], { id: 1 }, '{"id":1}'];
    expect(new Set(keys.map((key) => innerKey(key, ''))).size).toBe(keys.length);
    expect(innerKey({ a: 1, b: 2 }, '')).toBe(innerKey({ b: 2, a: 1 }, ''));
  });

  it('never is that of another key, for hosts that take inner keys for their own', () => {
    const inner = new Map<string, string>();
    let keys: unknown[] = ['a', 1, '', [1], `a${LONG}`, { k: LONG }];
    // Each round takes every inner key of the round before as a string key of the host.
    for (let round = 0; round < 3; round++) {
      const next: unknown[] = [];
      for (const scope of SCOPES) {
        for (const key of keys) {
          const made = innerKey(key as string, scope);
          const of = JSON.stringify([scope, key]);
          expect(inner.get(made) ?? of, `two keys are ${JSON.stringify(made)}`).toBe(of);
          inner.set(made, of);
          next.push(made);
        }
      }
      keys = next;
    }
  });

  it('is injective over strings, with NUL and the marks among the likely characters', () => {
    const seed = seedOf('cache-key');
    const text = fc.oneof(
      fc
        .array(fc.constantFrom('\u0000', 'k', 'h', 's', '"', 'a', '\\', '\ud800'), { maxLength: 6 })
        .map((c) => c.join('')),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    const key = fc.oneof(text, fc.array(text, { maxLength: 2 }), fc.constantFrom(1, '1', null, 'null'));
    const scope = fc.constantFrom(...SCOPES);
    fc.assert(
      fc.property(key, scope, key, scope, (a, scopeA, b, scopeB) => {
        const same = JSON.stringify([a, scopeA]) === JSON.stringify([b, scopeB]);
        expect(innerKey(a, scopeA) === innerKey(b, scopeB)).toBe(same);
      }),
      { seed, numRuns: 20_000 },
    );
  });
});

describe('a long key', () => {
  it('is hashed to 144 bits, and stays readable at its start', () => {
    const inner = innerKey(`report:${LONG}`, '');
    expect(inner.length).toBeLessThan(LONGEST_KEY);
    expect(shownKey(inner)).toMatch(/^report:x+\.\.\.$/);
    expect(readableText(inner)).toEqual({ text: `report:${LONG}`.slice(0, 96), whole: false });
    const hash = inner.slice(inner.lastIndexOf('\u0000') + 1);
    expect(hash.length * 6).toBeGreaterThanOrEqual(128);
  });

  it('is kept whole up to the limit', () => {
    expect(innerKey('x'.repeat(LONGEST_KEY), '')).toBe('x'.repeat(LONGEST_KEY));
  });

  it('differs by its last character, its scope, and by lone surrogates that UTF-8 does not know', () => {
    const texts = [`${LONG}a`, `${LONG}b`, `${LONG}\ud800`, `${LONG}\ud801`, `${LONG}\ufffd`];
    const made = SCOPES.flatMap((scope) => texts.map((text) => innerKey(text, scope)));
    expect(new Set(made).size).toBe(made.length);
  });

  it('spreads over all of its bits', () => {
    const made = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const inner = innerKey(`${LONG}${i}`, '');
      // 48 of its 144 bits alone already tell 20,000 keys apart.
      made.add(inner.slice(-8));
    }
    expect(made.size).toBe(20_000);
  });
});

describe('a scope', () => {
  it('is part of the key, a list of one apart from its member', () => {
    const prefixes = ['a', 'b', ['a'], ['a', 'b'], ['b', 'a'], ['a,b'], 'a"', ['a"'], '\u0000', LONG, [LONG]].map(
      scopePrefix,
    );
    expect(new Set(prefixes).size).toBe(prefixes.length);
    // None is the start of another, whatever the key after it.
    for (const one of prefixes) {
      expect(prefixes.filter((other) => other.startsWith(one))).toEqual([one]);
    }
  });
});

describe('the way back', () => {
  it.each(['', 'a', 'a:b', '\u0000', '\u0000k1', '\u0000s"a"\u0000x', '"', '\ud800'])(
    'gives the host its string %j',
    (key) => {
      for (const scope of SCOPES) expect(hostKey(innerKey(key, scope), scope)).toBe(key);
    },
  );

  it('gives nothing for other scopes, other kinds of keys, and hashed ones', () => {
    expect(hostKey(innerKey('a', scopePrefix('t')), '')).toBeUndefined();
    expect(hostKey(innerKey('a', ''), scopePrefix('t'))).toBeUndefined();
    expect(hostKey(innerKey(1, ''), '')).toBeUndefined();
    expect(hostKey(innerKey(['a'], ''), '')).toBeUndefined();
    expect(hostKey(innerKey(LONG, ''), '')).toBeUndefined();
    expect(hostKey(innerKey(LONG, scopePrefix('t')), scopePrefix('t'))).toBeUndefined();
  });

  it('shows a key without scope and marks', () => {
    expect(shownKey(innerKey('a', scopePrefix('t')))).toBe('a');
    expect(shownKey(innerKey({ b: 1 }, scopePrefix('t')))).toBe('{"b":1}');
    expect(shownKey(innerKey(`a${LONG}`, scopePrefix('t')))).toMatch(/^ax+\.\.\.$/);
  });
});

describe('a cache', () => {
  it('never finds one key under the inner form of another, on any path', async () => {
    const cache = new CacheManager();
    const others = [1, ['a'], LONG, { id: 1 }];
    for (const key of others) await cache.set(key, 'another');
    for (const key of others) {
      const imitation = innerKey(key, '');
      expect(cache.peek(imitation)).toBeUndefined();
      expect(await cache.get(imitation)).toBeUndefined();
      expect(await cache.has(imitation)).toBe(false);
      expect(await cache.getOrSet(imitation, () => 'own')).toBe('own');
      expect(cache.peek(imitation)).toBe('own');
      expect(await cache.get(key)).toBe('another');
      await cache.delete(imitation);
      expect(await cache.get(key)).toBe('another');
    }
  });

  it('gives one scope nothing of another, even to a host that spells out the prefix', async () => {
    let scope: string | undefined = 'north';
    const cache = new CacheManager({ scope: () => scope });
    await cache.set('total', 1);
    const imitation = innerKey('total', scopePrefix('north'));
    for (const other of ['south', undefined]) {
      scope = other;
      expect(await cache.get('total')).toBeUndefined();
      expect(await cache.get(imitation)).toBeUndefined();
      expect(cache.peek(imitation)).toBeUndefined();
      expect([...cache.entries()]).toEqual([]);
    }
    scope = 'north';
    expect([...cache.entries()]).toEqual([['total', 1]]);
  });
});
