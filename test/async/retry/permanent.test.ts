import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isPermanent, permanent } from '../../../src/async/retry/permanent.js';

describe('permanent', () => {
  it('marks an error and gives it back', () => {
    const error = new RangeError('no such document');
    expect(isPermanent(error)).toBe(false);
    expect(permanent(error)).toBe(error);
    expect(isPermanent(error)).toBe(true);
    expectTypeOf(permanent(error)).toEqualTypeOf<RangeError>();
  });

  it('marks twice as well as once', () => {
    const error = permanent(permanent(new Error('twice')));
    expect(isPermanent(error)).toBe(true);
  });

  it('marks frozen and sealed errors, and proxies that refuse or throw', () => {
    const refusing = new Proxy(new Error('refuses'), { defineProperty: () => false });
    const throwing = new Proxy(new Error('throws'), {
      defineProperty() {
        throw new Error('no');
      },
      get() {
        throw new Error('no');
      },
    });
    for (const error of [Object.freeze(new Error('frozen')), Object.seal({ message: 'sealed' }), refusing, throwing]) {
      expect(isPermanent(error)).toBe(false);
      expect(permanent(error)).toBe(error);
      expect(isPermanent(error)).toBe(true);
    }
  });

  it('leaves no trace where errors are printed, copied or serialised', () => {
    const error = permanent({ message: 'as it was' });
    expect(Object.keys(error)).toEqual(['message']);
    expect(JSON.stringify(error)).toBe('{"message":"as it was"}');
    expect(inspect(error)).toBe("{ message: 'as it was' }");
    expect(isPermanent({ ...error })).toBe(false);
  });

  it.each(['a text', 42, undefined, null, Symbol('s')])('gives %s back as the cause of an error', (value) => {
    const error = permanent(value);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: String(value), cause: value });
    expect(isPermanent(error)).toBe(true);
    expect(isPermanent(value)).toBe(false);
    expectTypeOf(error).toEqualTypeOf<Error>();
  });

  it('knows what another copy of the package has marked', () => {
    const error = new Error('elsewhere');
    Object.defineProperty(error, Symbol.for('hotpath.permanent'), { value: true });
    expect(isPermanent(error)).toBe(true);
  });
});
