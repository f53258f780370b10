import { describe, expect, it, vi } from 'vitest';
import { describe as describeValue, HotpathError, InvalidOptionError } from '../../src/core/errors.js';

describe('HotpathError', () => {
  it('carries code, cause and message', () => {
    const cause = new Error('below');
    const error = new HotpathError('it broke', { code: 'BROKEN', cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'HotpathError', message: 'it broke', code: 'BROKEN', cause });
    expect('cause' in new HotpathError('x', { code: 'X' })).toBe(false);
  });

  it('is recognised by its brand, also from another copy of the package', async () => {
    vi.resetModules();
    const other = (await import('../../src/core/errors.js')).HotpathError;
    expect(other).not.toBe(HotpathError);
    const foreign = new other('x', { code: 'X' });
    expect(foreign).not.toBeInstanceOf(HotpathError);
    expect(HotpathError.is(foreign)).toBe(true);
    expect(HotpathError.is(new InvalidOptionError('ttl', 'a duration', -1))).toBe(true);
  });

  it.each([[new Error('x')], [null], [undefined], ['text'], [{ code: 'X' }]])('is not %j', (value) => {
    expect(HotpathError.is(value)).toBe(false);
  });

  it('does not show its brand when logged or copied', () => {
    expect(Object.getOwnPropertySymbols({ ...new HotpathError('x', { code: 'X' }) })).toEqual([]);
  });
});

describe('InvalidOptionError', () => {
  it('names option, expectation and value', () => {
    const error = new InvalidOptionError('ttl', 'a duration', -1);
    expect(error).toMatchObject({ name: 'InvalidOptionError', code: 'INVALID_OPTION', option: 'ttl' });
    expect(error.message).toBe('ttl must be a duration, got -1');
  });
});

describe('a value in a message', () => {
  class Money {}
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;

  it.each([
    ['text', '"text"'],
    ['', '""'],
    [-0.5, '-0.5'],
    [Number.NaN, 'NaN'],
    [10n, '10n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [Symbol('s'), 'Symbol(s)'],
    [() => {}, 'function (anonymous)'],
    [function named() {}, 'function named'],
    [[1, 'a'], '[1,"a"]'],
    [{ a: 1 }, '{"a":1}'],
    [Object.create(null), '{}'],
    [new Money(), 'an instance of Money'],
    [new Date(0), 'an instance of Date'],
    [cyclic, 'an object'],
  ])('reads well', (value, shown) => {
    expect(describeValue(value)).toBe(shown);
  });

  it('never throws, not even for what can only throw', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    expect(describeValue(revoked.proxy)).toBe('an object');
  });

  it('is cut short', () => {
    expect(describeValue('x'.repeat(1000)).length).toBeLessThan(90);
    expect(describeValue({ text: 'x'.repeat(1000) }).length).toBeLessThan(90);
  });
});
