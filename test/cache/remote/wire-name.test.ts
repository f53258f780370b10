import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireNames, wirePart, wireText, wireTextBack } from '../../../src/cache/remote/wire-name.js';

/** Any UTF-16 at all, lone surrogates included, and much of what has a meaning in keys. */
const TEXT = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '%',
        '{',
        '}',
        ':',
        '\0',
        '\u007f',
        '\u0085',
        '%2',
        '%u',
        '%25',
        '*',
        '[',
        '\\',
        '?',
        'ü',
        '\u{1f600}',
      ),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** What the server and other clients make of a key. */
const throughUtf8 = (text: string): string => Buffer.from(text).toString();

/** The part of a key that Redis Cluster hashes: the text between the first `{` and the first `}` after it. */
const hashTag = (key: string): string => /\{([^}]+)\}/.exec(key)?.[1] ?? key;

/** Redis' own matching of patterns (`*`, `?`, `\`, one class), as a regular expression. */
function globMatches(pattern: string, text: string): boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '*') source += '[^]*';
    else if (c === '?') source += '[^]';
    else if (c === '[') throw new Error('an open class');
    else source += (c === '\\' ? pattern[++i]! : c).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
  return new RegExp(`^${source}$`).test(text);
}

describe('text on the wire', () => {
  it('is frozen', () => {
    for (const [text, wire] of [
      ['report:2024', 'report:2024'],
      ['über 100 ', 'über 100 '],
      ['\u{1f600}', '\u{1f600}'],
      ['100%{a}', '100%25%7Ba%7D'],
      ['\0k{"a":1}', '%00k%7B"a":1%7D'],
      ['\n\u007f\u009f', '%0A%7F%9F'],
      ['\ud800', '%uD800'],
      ['\ud83d\ude00\ude00', '\u{1f600}%uDE00'],
      ['', ''],
    ] as const) {
      expect(wireText(text)).toBe(wire);
      expect(wireTextBack(wire)).toBe(text);
    }
    expect(wirePart('a:b%')).toBe('a%3Ab%25');
  });

  it('comes back, survives UTF-8 and holds nothing that means something in a key', () => {
    fc.assert(
      fc.property(TEXT, (text) => {
        for (const wire of [wireText(text), wirePart(text)]) {
          expect(throughUtf8(wire)).toBe(wire);
          expect(wire).not.toMatch(/[{}\p{Cc}]/u);
          expect(wireTextBack(wire)).toBe(text);
        }
        expect(wirePart(text)).not.toContain(':');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('names', () => {
  it('are frozen', () => {
    const names = new WireNames('reports', 1);
    expect(names.value('r:2024')).toBe('hp1:{reports:1:r:2024}');
    expect(names.lease('r:2024')).toBe('hp1:{reports:1:r:2024}:l');
    expect(names.tombstone('r:2024')).toBe('hp1:{reports:1:r:2024}:x');
    expect(names.versions).toBe('hp1:{reports}:v');
    expect(names.channel).toBe('hp1:{reports}:bus');
    expect(names.privateChannel('node:1')).toBe('hp1:{reports}:bus:node%3A1');
    expect(names.valuePattern).toBe('hp1:{reports:1:*}');
    expect(new WireNames('a:b', 'v:*').value('c')).toBe('hp1:{a%3Ab:v%3A*:c}');
    expect(new WireNames('a[*]?\\', 1).valuePattern).toBe('hp1:{a\\[\\*\\]\\?\\\\:1:*}');
  });

  it('never coincide: not across namespaces, versions, keys or kinds', () => {
    const names = new Map<string, string>();
    const TRIPLE = fc.tuple(TEXT, TEXT, TEXT);
    fc.assert(
      fc.property(TRIPLE, (triple) => {
        const [namespace, version, key] = triple;
        const wire = new WireNames(namespace, version);
        const all: [string, string][] = [
          ['value', wire.value(key)],
          ['lease', wire.lease(key)],
          ['tombstone', wire.tombstone(key)],
        ];
        for (const [kind, name] of all) {
          const owner = JSON.stringify([kind, ...triple]);
          expect(names.get(name) ?? owner).toBe(owner);
          names.set(name, owner);
        }
        for (const [kind, name] of [
          ['versions', wire.versions],
          ['channel', wire.channel],
        ] as const) {
          const owner = JSON.stringify([kind, namespace]);
          expect(names.get(name) ?? owner).toBe(owner);
          names.set(name, owner);
        }
      }),
      { numRuns: 3_000 },
    );
    const of = (namespace: string, version: string, key: string): string =>
      new WireNames(namespace, version).value(key);
    const aliases = [of('a', 'b', 'c:d'), of('a', 'b:c', 'd'), of('a:b', 'c', 'd'), of('a%3Ab', 'c', 'd')];
    expect(new Set(aliases).size).toBe(aliases.length);
  });

  it('of one entry share the slot', () => {
    fc.assert(
      fc.property(TEXT, TEXT, TEXT, (namespace, version, key) => {
        const wire = new WireNames(namespace, version);
        const tag = wire.value(key).slice('hp1:{'.length, -1);
        for (const name of [wire.value(key), wire.lease(key), wire.tombstone(key)]) expect(hashTag(name)).toBe(tag);
      }),
    );
  });

  it('lead back to the inner key, for value keys of this namespace and version alone', () => {
    fc.assert(
      fc.property(TEXT, TEXT, TEXT, (namespace, version, key) => {
        const wire = new WireNames(namespace, version);
        expect(wire.innerKey(wire.value(key))).toBe(key);
        expect(wire.innerKey(wire.lease(key))).toBeUndefined();
        expect(wire.innerKey(wire.tombstone(key))).toBeUndefined();
        expect(new WireNames(`${namespace}x`, version).innerKey(wire.value(key))).toBeUndefined();
        expect(new WireNames(namespace, `${version}x`).innerKey(wire.value(key))).toBeUndefined();
      }),
    );
    const wire = new WireNames('n', 1);
    // Not written by wireText: another name for a key that has one.
    for (const other of [
      'hp1:{n:1:%41}',
      'hp1:{n:1:%}',
      'hp1:{n:1:a}b}',
      'hp1:{n:1:a',
      '',
      wire.versions,
      wire.channel,
    ]) {
      expect(wire.innerKey(other)).toBeUndefined();
    }
  });

  it('match the pattern exactly when they are value keys of this namespace and version', () => {
    fc.assert(
      fc.property(TEXT, TEXT, TEXT, TEXT, (namespace, version, key, other) => {
        const wire = new WireNames(namespace, version);
        const matches = (name: string): boolean => globMatches(wire.valuePattern, name);
        expect(matches(wire.value(key))).toBe(true);
        for (const name of [wire.lease(key), wire.tombstone(key), wire.versions]) expect(matches(name)).toBe(false);
        expect(matches(new WireNames(other, version).value(key))).toBe(other === namespace);
        expect(matches(new WireNames(namespace, other).value(key))).toBe(other === version);
      }),
    );
  });
});
