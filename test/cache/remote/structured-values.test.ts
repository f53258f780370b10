import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue, PLAIN } from '../../../src/cache/remote/structured-codec.js';

function roundTrip(value: unknown): unknown {
  const { codec, bytes } = encodeValue(value);
  return decodeValue(codec, bytes);
}

const KEY = fc.oneof(
  fc.string({ maxLength: 3, unit: 'binary' }),
  fc.constantFrom('$', 'toJSON', 'a', 'constructor', '1'),
);
const LEAF = fc.oneof(
  fc.string({ maxLength: 4, unit: 'binary' }),
  fc.constantFrom<unknown>('$', '\ud800', null, true, false, 0, -0, 1, Number.NaN, 1 / 0, -1 / 0, undefined),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
);
const BUILT_IN = fc.oneof(
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 5 }),
  fc.float32Array({ maxLength: 3 }),
  fc.bigUint64Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => new Uint8Array(bytes).buffer),
  fc.constantFrom(/a/g, /\//u, /(?:)/),
);
const { value: VALUE } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 4, arbitrary: LEAF },
    { weight: 1, arbitrary: BUILT_IN },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.sparseArray(tie('value'), { maxNumElements: 3, maxLength: 5 }) },
    { weight: 3, arbitrary: fc.dictionary(KEY, tie('value'), { maxKeys: 4, noNullPrototype: true }) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((members) => new Set(members)) },
  ),
}));

/** Whether JSON says all of the value: judged from its text alone. */
function jsonIsExact(value: unknown): boolean {
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? null : item));
  return text !== undefined && isDeepStrictEqual(JSON.parse(text), value);
}

function hasEscapeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]) => key === '$' || hasEscapeKey(item));
}

describe('any value', () => {
  it('comes back as structuredClone would have made it', () => {
    fc.assert(
      fc.property(VALUE, (value) => {
        const back = roundTrip(value);
        expect(isDeepStrictEqual(back, structuredClone(value))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is plain JSON, the text of JSON.stringify, exactly where that is exact', () => {
    let plain = 0;
    fc.assert(
      fc.property(VALUE, (value) => {
        const { codec, bytes } = encodeValue(value);
        expect(codec === PLAIN).toBe(jsonIsExact(value) && !hasEscapeKey(value));
        if (codec !== PLAIN) return;
        plain++;
        expect(bytes.toString()).toBe(JSON.stringify(value));
      }),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(500);
  });

  it('is not changed by being encoded', () => {
    fc.assert(
      fc.property(VALUE, (value) => {
        const before = structuredClone(value);
        encodeValue(value);
        expect(isDeepStrictEqual(value, before)).toBe(true);
      }),
    );
  });
});
