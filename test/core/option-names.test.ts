import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import { checkNames, checkOptions, kindOnly } from '../../src/core/option-names.js';
import { atLeast, flag, integer, oneOf, optionalFunction, text } from '../../src/core/option-values.js';

describe('names of options', () => {
  it('are refused where there is no such option, by path, names and value', () => {
    expect(() => checkNames('memory.', { maxEntry: 3 }, ['maxEntries', 'maxBytes'])).toThrow(
      new InvalidOptionError('memory.maxEntry', 'absent (options here are maxEntries, maxBytes)', 3),
    );
    expect(() => checkNames('', { maxEntries: 3, maxBytes: 1 }, ['maxEntries', 'maxBytes'])).not.toThrow();
  });

  it('are absent where they are undefined', () => {
    expect(() => checkNames('', { nothing: undefined }, ['ttl'])).not.toThrow();
    expect(() => checkNames('', { nothing: null }, ['ttl'])).toThrow(/^nothing must be absent .* got null$/);
  });

  it('may be called other than options, and their values be kept from being shown', () => {
    const wording = { these: 'a rule has', show: kindOnly };
    expect(() => checkNames('', { tokn: 'secret' }, ['token'], wording)).toThrow(
      'tokn must be absent (a rule has token), got "a string"',
    );
    expect([kindOnly({}), kindOnly(null), kindOnly(7)]).toEqual(['an object', 'an object', 'a number']);
  });

  it.each([null, undefined, 'text', 7, () => {}])('are none of %s, which is no object', (given) => {
    expect(() => checkOptions('options', given)).toThrow(/^options must be an object, got /);
  });
});

describe('values of options', () => {
  it('come through where they are right', () => {
    expect([text('o', 'a'), flag('o', false), integer('o', 3, 1, 3), atLeast('o', 0.5, 0.5)]).toEqual([
      'a',
      false,
      3,
      0.5,
    ]);
    const fn = (): number => 1;
    expect([oneOf('o', 'b', ['a', 'b']), optionalFunction('o', fn), optionalFunction('o', undefined)]).toEqual([
      'b',
      fn,
      undefined,
    ]);
    expect(atLeast('o', Number.POSITIVE_INFINITY, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [() => text('o', ''), 'o must be a string that is not empty, got ""'],
    [() => text('o', 5), 'o must be a string that is not empty, got 5'],
    [() => flag('o', 1), 'o must be true or false, got 1'],
    [() => integer('o', 1.5, 1), 'o must be an integer >= 1, got 1.5'],
    [() => integer('o', '3', 1), 'o must be an integer >= 1, got "3"'],
    [() => integer('o', 4, 1, 3), 'o must be an integer >= 1 and <= 3, got 4'],
    [() => integer('o', Number.POSITIVE_INFINITY, 1), 'o must be an integer >= 1, got Infinity'],
    [() => atLeast('o', -1, 0), 'o must be a number >= 0, got -1'],
    [() => atLeast('o', 2, 0, 1), 'o must be a number >= 0 and <= 1, got 2'],
    [() => atLeast('o', Number.NaN, 0), 'o must be a number >= 0, got NaN'],
    [() => oneOf('o', 'c', ['a', 'b']), "o must be one of 'a', 'b', got \"c\""],
    [() => optionalFunction('o', 'f'), 'o must be a function, got "f"'],
  ])('are refused where they are wrong: %#', (check, message) => {
    expect(check).toThrow(message);
  });
});
