import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyEncodingError } from '../../src/cache/errors.js';
import { canonical } from '../../src/cache/stable-key.js';
import { SeededRandom, seedOf } from '../random.js';

/** Values that are easily taken for one another, no two of them equal. */
const DISTINCT: readonly [name: string, value: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['the text undefined', 'undefined'],
  ['the text null', 'null'],
  ['NaN', Number.NaN],
  ['the text NaN', 'NaN'],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['0', 0],
  ['-0', -0],
  ['0n', 0n],
  ['the text 0', '0'],
  ['the text 0n', '0n'],
  ['1', 1],
  ['1n', 1n],
  ['true', true],
  ['the text true', 'true'],
  ['an empty text', ''],
  ['a quoted text', '""'],
  ['NUL', '\u0000'],
  ['a lone surrogate', '\ud800'],
  ['another lone surrogate', '\ud801'],
  ['an escaped surrogate', '\\ud800'],
  ['[]', []],
  ['[undefined]', [undefined]],
  ['[null]', [null]],
  ['a hole', Array(1)],
  ['two holes', Array(2)],
  ['a hole, then 1', Object.assign(Array(2), { 1: 1 })],
  ['1, then a hole', Object.assign(Array(2), { 0: 1 })],
  ['[undefined, 1]', [undefined, 1]],
  ['[[]]', [[]]],
  ['["a,b"]', ['a,b']],
  ['["a","b"]', ['a', 'b']],
  ['an array with a property', Object.assign([1], { x: 1 })],
  ['an array with a hole and a property', Object.assign(Array(1), { x: 1 })],
  ['[1]', [1]],
  ['an array of a class of its own', class Row extends Array<number> {}.from([1])],
  ['{}', {}],
  ['{ a: undefined }', { a: undefined }],
  ['{ a: null }', { a: null }],
  ['{ 0: 1 }', { 0: 1 }],
  ['{ length: 1 }', { length: 1 }],
  ['{ "a,b": 1 }', { 'a,b': 1 }],
  ['{ a: 1, b: 1 }', { a: 1, b: 1 }],
  ['{ "a\\":1,\\"b": 1 }', { 'a":1,"b': 1 }],
  ['an own __proto__', JSON.parse('{"__proto__":1}')],
  ['a date', new Date(1)],
  ['an invalid date', new Date(Number.NaN)],
  ['a date with a property', Object.assign(new Date(1), { zone: 'CET' })],
  ['a date of a class of its own', new (class Day extends Date {})(1)],
  ['a date of a class that is called Date', new (subclass('Date'))(1)],
  ['a class called Date with a toJSON', new (namedWithJson('Date', 1))()],
  ['a class with a bracket in its name', new (namedWithJson('A(1),B', 1))()],
  ['a class without a name', new (namedWithJson('', 1))()],
  ['the text of a date', new Date(1).toISOString()],
  ['an empty map', new Map()],
  ['an empty set', new Set()],
  ['a map of a class of its own', new (class Table extends Map {})()],
  ['a map', new Map([['a', 1]])],
  ['a map with a number for a key', new Map([[1, 1]])],
  ['a map with a text for a key', new Map([['1', 1]])],
  ['a map by an object', new Map([[{ a: 1 }, 1]])],
  ['a set', new Set(['a'])],
  ['a set of a number', new Set([1])],
  ['a set of a set', new Set([new Set()])],
  ['a regular expression', /a/],
  ['the same with a flag', /a/g],
  ['one that has moved on', Object.assign(/a/g, { lastIndex: 2 })],
  ['Uint8Array', new Uint8Array([1, 2])],
  ['Int8Array', new Int8Array([1, 2])],
  ['Buffer', Buffer.from([1, 2])],
  ['Uint16Array of the same bytes', new Uint16Array(new Uint8Array([1, 2]).buffer)],
  ['DataView', new DataView(new Uint8Array([1, 2]).buffer)],
  ['ArrayBuffer', new Uint8Array([1, 2]).buffer],
  ['an empty Uint8Array', new Uint8Array()],
  ['a URL', new URL('http://a.example/')],
  ['its text', 'http://a.example/'],
  ['its toJSON', { toJSON: 'http://a.example/' }],
];

function namedWithJson(name: string, json: unknown): new () => object {
  const made = class {
    toJSON(): unknown {
      return json;
    }
  };
  Object.defineProperty(made, 'name', { value: name });
  return made;
}

function subclass(name: string): new (time: number) => Date {
  const made = class extends Date {};
  Object.defineProperty(made, 'name', { value: name });
  return made;
}

/** Small alphabets: generated pairs are equal, or nearly so, often enough. */
const { value: VALUE } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom<unknown>(undefined, null, true, 0, -0, 1, Number.NaN, 1n, 0n, '', 'a', '1', 'null', '\u0000'),
    fc.constantFrom(0, 1).map((time) => new Date(time)),
    fc.uint8Array({ max: 1, maxLength: 2 }),
    fc.float64Array({ maxLength: 1 }),
    fc.string({ maxLength: 3, unit: 'binary' }),
  ),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 3, arbitrary: tie('leaf') },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.sparseArray(tie('value'), { maxLength: 3, maxNumElements: 2 }) },
    {
      weight: 2,
      arbitrary: fc.dictionary(fc.constantFrom('a', 'b', '0', '', 'é'), tie('value'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)) },
  ),
}));

/** The same value with new objects all through, object keys, map pairs and set members in another order. */
function reordered(value: unknown, random: SeededRandom): unknown {
  const shuffle = <T>(list: readonly T[]): T[] => {
    const rest = [...list];
    return list.map(() => rest.splice(random.below(rest.length), 1)[0]!);
  };
  const again = (item: unknown): unknown => reordered(item, random);
  if (Array.isArray(value)) {
    const copy: unknown[] = Array(value.length);
    for (const i of shuffle(Object.keys(value))) copy[Number(i)] = again(value[Number(i)]);
    return copy;
  }
  if (value instanceof Map) return new Map(shuffle([...value]).map(([key, item]) => [again(key), again(item)]));
  if (value instanceof Set) return new Set(shuffle([...value]).map(again));
  if (value instanceof Date) return new Date(value);
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(shuffle(Object.entries(value)).map(([key, item]) => [key, again(item)]));
}

describe('the canonical text', () => {
  it('differs for values that are easily mixed up', () => {
    const names = new Map<string, string>();
    for (const [name, value] of DISTINCT) {
      const text = canonical(value);
      expect(names.get(text), `${name} has the text of another value: ${text}`).toBeUndefined();
      names.set(text, name);
      // One level down, too: what is right at the top may run together inside.
      const inside = canonical({ a: [value] });
      expect(names.get(inside), `${name} in an object`).toBeUndefined();
      names.set(inside, name);
    }
    expect(names.size).toBe(2 * DISTINCT.length);
  });

  it('is the same for two values if and only if they are equal in structure', () => {
    const seed = seedOf('stable-key pairs');
    let equal = 0;
    fc.assert(
      fc.property(VALUE, VALUE, (a, b) => {
        const same = isDeepStrictEqual(a, b);
        if (same) equal++;
        return (canonical(a) === canonical(b)) === same;
      }),
      { seed, numRuns: 20_000 },
    );
    expect(equal, 'pairs that were equal').toBeGreaterThan(100);
  });

  it('does not depend on the order of keys, pairs and members', () => {
    const seed = seedOf('stable-key order');
    const random = new SeededRandom(seed);
    fc.assert(
      fc.property(VALUE, (value) => {
        expect(canonical(reordered(value, random))).toBe(canonical(value));
      }),
      { seed, numRuns: 5_000 },
    );
  });

  it('differs once a single part differs', () => {
    const seed = seedOf('stable-key parts');
    fc.assert(
      fc.property(fc.array(VALUE, { minLength: 1, maxLength: 4 }), fc.nat(3), VALUE, (list, at, other) => {
        const index = at % list.length;
        fc.pre(!isDeepStrictEqual(list[index], other));
        expect(canonical(list.with(index, other))).not.toBe(canonical(list));
      }),
      { seed, numRuns: 5_000 },
    );
  });

  it('takes an object without a prototype, or of another realm, for a plain one', () => {
    const text = canonical({ b: 1, a: [2] });
    expect(canonical(Object.assign(Object.create(null), { b: 1, a: [2] }))).toBe(text);
    expect(canonical(Object.assign(runInNewContext('({ b: 1 })') as object, { a: [2] }))).toBe(text);
  });

  it('is short for a long sparse array', () => {
    const sparse: unknown[] = [];
    sparse[2 ** 32 - 2] = 1;
    expect(canonical(sparse).length).toBeLessThan(40);
  });

  it('says nothing of properties that are not enumerable', () => {
    const value = Object.defineProperty({ a: 1 }, Symbol('hidden'), { value: 1, enumerable: false });
    Object.defineProperty(value, 'b', { value: 1, enumerable: false });
    expect(canonical(value)).toBe(canonical({ a: 1 }));
  });

  it('serves an object that stands in two places', () => {
    const shared = { a: 1 };
    expect(canonical([shared, { shared }])).toBe(canonical([{ a: 1 }, { shared: { a: 1 } }]));
  });
});

describe('what has no canonical text', () => {
  class Session {
    readonly id = 1;
  }
  const circle: Record<string, unknown> = {};
  circle['list'] = [{ circle }];
  const deep: unknown[] = [];
  let innermost = deep;
  for (let i = 0; i < 70; i++) {
    const next: unknown[] = [];
    innermost.push(next);
    innermost = next;
  }

  it.each<[name: string, value: unknown, message: string]>([
    ['a function', () => 1, 'a function has no value to compare'],
    ['a symbol', Symbol('s'), 'a symbol has no value to compare'],
    ['a cycle', circle, "cache key.list[0].circle can't be encoded: it contains itself"],
    [
      'a class instance',
      new Session(),
      'only plain data and objects with toJSON() can be compared, got an instance of Session',
    ],
    ['an error', new Error('e'), 'an instance of Error'],
    ['a promise', Promise.resolve(1), 'an instance of Promise'],
    ['a weak map', new WeakMap(), 'an instance of WeakMap'],
    ['a proxy around a function', new Proxy(() => 1, {}), 'a function'],
    ['symbol keys', { [Symbol('s')]: 1 }, 'it has symbol keys'],
    ['great depth', deep, 'deeper than 64 levels'],
    [
      'a toJSON that returns itself',
      {
        own: new (class Own {
          toJSON() {
            return this;
          }
        })(),
      },
      "cache key.own.toJSON() can't be encoded: it contains itself",
    ],
    ['a function in an array', { filters: [1, { by: () => 1 }] }, "cache key.filters[1].by can't be encoded"],
    ['a function under an odd key', { 'a b': [() => 1] }, 'cache key["a b"][0] can\'t be encoded'],
    ['a function in a map', new Map([['m', [Symbol('s')]]]), 'cache key("m")[0] can\'t be encoded'],
    ['a function as a key of a map', { map: new Map([[() => 1, 1]]) }, "cache key.map(map key) can't be encoded"],
    ['a function in a set', [new Set([() => 1])], "cache key[0](set member) can't be encoded"],
    ['a function in a sparse array', Object.assign([], { 3: () => 1 }), 'cache key["3"] can\'t be encoded'],
  ])('%s', (_name, value, message) => {
    expect(() => canonical(value)).toThrow(KeyEncodingError);
    expect(() => canonical(value)).toThrow(message);
  });

  it('leaves nothing behind: the same object can be encoded once it is mended', () => {
    const value: { a: unknown } = { a: [() => 1] };
    expect(() => canonical(value)).toThrow(KeyEncodingError);
    value.a = [1];
    expect(canonical(value)).toBe('{"a":[1]}');
  });
});
