import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../src/cache/remote/codec-error.js';
import { decodeValue, encodeValue, PLAIN, STRUCTURED } from '../../../src/cache/remote/structured-codec.js';

function roundTrip(value: unknown): unknown {
  const { codec, bytes } = encodeValue(value);
  return decodeValue(codec, bytes);
}

function textOf(value: unknown): string {
  return encodeValue(value).bytes.toString();
}

class Money {
  readonly currency = 'EUR';
  constructor(readonly cents: number) {}
  get euros(): number {
    return this.cents / 100;
  }
}

/** What was written, and came back, when the format was fixed. Never to be changed: values like these stand on servers. */
const GOLDEN: readonly [text: string, value: unknown][] = [
  ['{"$":["undefined"]}', undefined],
  ['{"a":{"$":["undefined"]},"b":null}', { a: undefined, b: null }],
  ['[{"$":["NaN"]},{"$":["Infinity"]},{"$":["-Infinity"]},{"$":["-0"]},0]', [Number.NaN, 1 / 0, -1 / 0, -0, 0]],
  ['{"$":["bigint","-12345678901234567890"]}', -12345678901234567890n],
  ['{"$":["Date",1700000000000]}', new Date(1_700_000_000_000)],
  ['{"$":["Date",null]}', new Date(Number.NaN)],
  [
    '{"$":["Map",[["a",1],[{"b":2},{"$":["undefined"]}]]]}',
    new Map<unknown, unknown>([
      ['a', 1],
      [{ b: 2 }, undefined],
    ]),
  ],
  ['{"$":["Set",[1,"1",{"$":["Set",[]]}]]}', new Set<unknown>([1, '1', new Set()])],
  ['{"$":["Buffer","AAH/"]}', Buffer.from([0, 1, 255])],
  ['{"$":["Uint8Array","AAH/"]}', new Uint8Array([0, 1, 255])],
  ['{"$":["Float64Array","AAAAAAAA+D8="]}', new Float64Array([1.5])],
  ['{"$":["BigInt64Array","//////////8="]}', new BigInt64Array([-1n])],
  ['{"$":["ArrayBuffer","AQI="]}', new Uint8Array([1, 2]).buffer],
  ['{"$":["DataView","AQI="]}', new DataView(new Uint8Array([1, 2]).buffer)],
  ['{"$":["RegExp","a\\\\/b\\\\n","gi"]}', /a\/b\n/gi],
  ['{"$":["URL","https://example.org/a?b#c"]}', new URL('https://example.org/a?b#c')],
  ['{"$":["sparse",3,[[1,{"$":["Date",0]}]]]}', Object.assign(Array(3), { 1: new Date(0) })],
  ['{"$":["Object",{"$":["Date",0],"a":{"$":["Object",{"$":1}]}}]}', { $: ['Date', 0], a: { $: 1 } }],
];

describe('the structured codec', () => {
  it('is frozen', () => {
    for (const [text, value] of GOLDEN) {
      const { codec, bytes } = encodeValue(value);
      expect(bytes.toString()).toBe(text);
      expect(codec).toBe(STRUCTURED);
      expect(decodeValue(STRUCTURED, bytes), text).toStrictEqual(value);
    }
    expect(decodeValue(STRUCTURED, Buffer.from('[{"$":["-0"]}]'))).toEqual([-0]);
  });

  it('keeps a typed array of each kind, aligned and in memory of its own', () => {
    const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const views: (new (buffer: ArrayBufferLike) => ArrayBufferView)[] = [
      ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
      ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView],
    ];
    for (const View of views) {
      const back = roundTrip(new View(bytes)) as ArrayBufferView;
      expect(back).toStrictEqual(new View(bytes));
      expect([back.buffer.byteLength, back.byteOffset]).toEqual([8, 0]);
    }
    // A window on a larger buffer: the window alone.
    expect(roundTrip(new Uint8Array(bytes, 2, 3))).toStrictEqual(new Uint8Array([3, 4, 5]));
  });

  it('keeps errors: class, name, message, stack, cause, what hangs on them', () => {
    const cause = Object.assign(new RangeError('too deep'), { depth: 3n });
    const error = new TypeError('bad', { cause });
    const back = roundTrip({ error }) as { error: TypeError & { cause: RangeError & { depth: bigint } } };
    expect(back.error).toBeInstanceOf(TypeError);
    expect(back.error).toMatchObject({ name: 'TypeError', message: 'bad', stack: error.stack });
    expect(back.error.cause).toBeInstanceOf(RangeError);
    expect(back.error.cause).toMatchObject({ message: 'too deep', depth: 3n });
    expect(Object.keys(back.error)).toEqual([]);
    expect(Object.keys(back.error.cause)).toEqual(['depth']);

    class HttpError extends Error {
      override name = 'HttpError';
      status = 503;
      errors = ['of a field'];
    }
    const other = roundTrip(new HttpError('unavailable')) as HttpError;
    expect(other).toBeInstanceOf(Error);
    expect(other).toMatchObject({ name: 'HttpError', message: 'unavailable', status: 503, errors: ['of a field'] });
    expect(Object.keys(other)).toEqual(['status', 'errors']);

    const many = roundTrip(new AggregateError([new Error('a'), 'b'], 'all')) as AggregateError;
    expect(many).toBeInstanceOf(AggregateError);
    expect(many.errors).toEqual([new Error('a'), 'b']);
  });

  it('knows the values of another realm', () => {
    const foreign = runInNewContext(
      '({ map: new Map([[1, new Date(5)]]), plain: { a: [1] }, error: new RangeError("x") })',
    );
    const back = roundTrip(foreign) as { map: Map<number, Date>; plain: unknown; error: Error };
    expect(back.map).toStrictEqual(new Map([[1, new Date(5)]]));
    expect(back.plain).toStrictEqual({ a: [1] });
    expect(back.error).toBeInstanceOf(RangeError);
    expect(encodeValue(runInNewContext('({ a: [1, { b: "c" }] })')).codec).toBe(PLAIN);
  });
});

describe('as in JSON', () => {
  it('an instance of a class becomes a plain object of its own fields', () => {
    expect(roundTrip(new Money(150))).toStrictEqual({ currency: 'EUR', cents: 150 });
    expect(roundTrip([new Money(150)])).toStrictEqual([{ currency: 'EUR', cents: 150 }]);
    expect(encodeValue(new Money(1)).codec).toBe(PLAIN);
    const old = Object.create({ inherited: () => 1 }, { own: { value: 1, enumerable: true } });
    expect(roundTrip(old)).toStrictEqual({ own: 1 });
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
  });

  it('toJSON is honoured, once, and told the key', () => {
    const keyed = { toJSON: (key: string) => `as ${key}` };
    expect(roundTrip({ a: keyed, b: [keyed] })).toEqual({ a: 'as a', b: ['as 0'] });
    expect(roundTrip(keyed)).toBe('as ');
    class Self {
      own = 1;
      toJSON(): this {
        return this;
      }
    }
    expect(roundTrip(new Self())).toStrictEqual({ own: 1 });
    expect(roundTrip({ toJSON: () => new Date(3) })).toStrictEqual(new Date(3));
    expect(roundTrip({ toJSON: 'no function', a: 1 })).toStrictEqual({ toJSON: 'no function', a: 1 });
  });

  it('properties beside the elements of an array are not kept', () => {
    expect(roundTrip(Object.assign([1], { x: 1 }))).toStrictEqual([1]);
    expect(roundTrip(Object.assign(Array(2), { 1: 1, x: 1 }))).toStrictEqual(Object.assign(Array(2), { 1: 1 }));
  });

  it('boxed values are unboxed, and what is found twice is written twice', () => {
    expect(roundTrip([Object(1), Object('a'), Object(true), Object(1n)])).toStrictEqual([1, 'a', true, 1n]);
    const shared = { at: new Date(1) };
    const [a, b] = roundTrip([shared, shared]) as [object, object];
    expect(a).toStrictEqual(b);
    expect(a).not.toBe(b);
  });
});

describe('what can not be stored', () => {
  it('is refused with its path', () => {
    for (const [value, message] of [
      [() => 1, "value can't be encoded"],
      [{ a: [1, { b: () => 1 }] }, "value.a[1].b can't be encoded for the shared tier: a function can't be stored"],
      [{ 'a b': Symbol('s') }, 'value["a b"] can\'t be encoded'],
      [{ p: Promise.resolve() }, 'value.p '],
      [new WeakMap(), 'lives in this process alone'],
      [new WeakSet(), 'lives in this process alone'],
      [new WeakRef({}), 'lives in this process alone'],
      [new SharedArrayBuffer(1), 'lives in this process alone'],
      [new Map([['k', () => 1]]), 'value(map value) '],
      [{ toJSON: () => ({ f: () => 1 }) }, 'value.toJSON().f '],
      [Object.assign(new Error('e'), { f: () => 1 }), 'value.f '],
    ] as const) {
      expect(() => encodeValue(value)).toThrow(CodecError);
      expect(() => encodeValue(value)).toThrow(message);
    }
    expect(() => encodeValue(() => 1)).toThrow(expect.objectContaining({ code: 'CODEC', name: 'CodecError' }));
  });

  it('is refused where it contains itself, or is too deep, in both directions', () => {
    const cycle: Record<string, unknown> = { date: new Date(0) };
    cycle['self'] = [cycle];
    expect(() => encodeValue(cycle)).toThrow(/^value\.self\[0\]\.self.*\.\.\. can't be encoded.*it contains itself/);
    const tight: Record<string, unknown> = { date: new Date(0) };
    tight['self'] = tight;
    expect(() => encodeValue(tight)).toThrow('it contains itself');
    const map = new Map<string, unknown>();
    map.set('self', map);
    expect(() => encodeValue(map)).toThrow('it contains itself');
    const nested = (depth: number, leaf: unknown): unknown => {
      let value = leaf;
      for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
      return value;
    };
    for (const leaf of [1, undefined]) {
      expect(roundTrip(nested(500, leaf))).toStrictEqual(nested(500, leaf));
      expect(() => encodeValue(nested(501, leaf))).toThrow('nested deeper than 500 levels');
    }
    expect(roundTrip(nested(499, new Map([[1, 2]])))).toStrictEqual(nested(499, new Map([[1, 2]])));
    expect(() => encodeValue(nested(100_000, 1))).toThrow(CodecError);
    const planted = Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(() => decodeValue(STRUCTURED, planted)).toThrow('nested deeper than 500 levels');
  });
});

describe('__proto__', () => {
  it('is dropped where it is a key of its own, and sets no prototype', () => {
    const evil = JSON.parse('{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true},"when":1}}') as {
      a: { when: unknown };
    };
    expect(textOf(evil)).toBe('{"a":{"when":1}}');
    evil.a.when = new Date(0);
    const back = roundTrip(evil) as { a: { when: Date; admin?: boolean }; admin?: boolean };
    expect(back).toStrictEqual({ a: { when: new Date(0) } });
    expect([back.admin, back.a.admin]).toEqual([undefined, undefined]);
    const error = Object.assign(new Error('e'), { a: 1 });
    Object.defineProperty(error, '__proto__', { value: { admin: true }, enumerable: true });
    expect((roundTrip(error) as { admin?: boolean }).admin).toBeUndefined();
    expect(roundTrip(error)).toBeInstanceOf(Error);
  });

  it('is dropped from planted payloads too', () => {
    for (const text of [
      '{"__proto__":{"admin":true},"a":1}',
      '{"$":["Object",{"__proto__":{"admin":true},"a":1}]}',
      '[{"$":["Map",[[1,{"__proto__":{"admin":true}}]]]}]',
    ]) {
      const back = decodeValue(STRUCTURED, Buffer.from(text)) as { admin?: boolean };
      expect(back.admin).toBeUndefined();
      expect(JSON.stringify(back)).not.toContain('admin');
    }
  });
});

it('refuses payloads that it can not have written', () => {
  for (const text of [
    ...['', '{', 'undefined', '{"$":1}', '{"$":[]}', '{"$":[1]}', '{"$":["Nothing"]}', '{"$":["constructor"]}'],
    ...['{"$":["bigint","x"]}', '{"$":["bigint"]}', '{"$":["Map",[1]]}', '{"$":["Set",{}]}', '{"$":["Date","x"]}'],
    ...['{"$":["RegExp","(",""]}', '{"$":["URL","x"]}', '{"$":["sparse",-1,[]]}', '{"$":["Float64Array","AA=="]}'],
    ...['{"$":["Object",1]}', '{"$":["Error","E","m",1,2]}', '{"$":["globalThis","AA=="]}', '{"$":["eval","AA=="]}'],
  ]) {
    expect(() => decodeValue(STRUCTURED, Buffer.from(text)), text).toThrow(CodecError);
  }
  expect(() => decodeValue(PLAIN, Buffer.from('{'))).toThrow(CodecError);
  expect(() => decodeValue(3, Buffer.from('1'))).toThrow(CodecError);
});
