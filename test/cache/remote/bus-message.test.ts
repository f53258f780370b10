import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BusMessage,
  type BusNews,
  encodeBusMessage,
  LONGEST_MESSAGE,
  MOST_NAMES,
  openBusMessage,
  readBusMessage,
} from '../../../src/cache/remote/bus-message.js';

const EMPTY = { keys: [], wake: [], tags: [], prefixes: [], globs: [], soft: false, clear: false, birth: 0 };

/** Messages as they stand on the wire. What was published under this major is read for ever. */
const GOLDEN: readonly [text: string, news: BusNews, q: number][] = [
  [
    '{"v":1,"src":"n1","n":1,"k":[["hp1:{a:1:k}",3405691582],["hp1:{a:1:l}",0]],"q":0}',
    {
      src: 'n1',
      n: 1,
      keys: [
        ['hp1:{a:1:k}', 3405691582],
        ['hp1:{a:1:l}', 0],
      ],
    },
    0,
  ],
  ['{"v":1,"src":"n1","n":0,"w":["hp1:{a:1:k}"],"q":0}', { src: 'n1', n: 0, wake: ['hp1:{a:1:k}'] }, 0],
  [
    '{"v":1,"src":"n1","n":2,"t":["table:sales","\\ud800"],"q":1700000000000001}',
    { src: 'n1', n: 2, tags: ['table:sales', '\ud800'] },
    1_700_000_000_000_001,
  ],
  [
    '{"v":1,"src":"n1","n":3,"p":["\\u0000sx\\u0000report:"],"s":true,"q":5}',
    { src: 'n1', n: 3, prefixes: ['\0sx\0report:'], soft: true },
    5,
  ],
  ['{"v":1,"src":"n1","n":4,"c":true,"q":6}', { src: 'n1', n: 4, clear: true }, 6],
  [
    '{"v":1,"src":"n1","n":5,"g":[["\\u0000sx\\u0000","a*b"]],"q":0}',
    { src: 'n1', n: 5, globs: [['\0sx\0', 'a*b']] },
    0,
  ],
];

const COUNT = fc.maxSafeNat();
const TEXT = fc.string({ unit: 'binary', maxLength: 8 });
const NEWS: fc.Arbitrary<BusNews> = fc.record({
  src: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  n: COUNT,
  keys: fc.array(fc.tuple(TEXT, COUNT), { maxLength: 3 }),
  wake: fc.array(TEXT, { maxLength: 3 }),
  tags: fc.array(TEXT, { maxLength: 3 }),
  prefixes: fc.array(TEXT, { maxLength: 3 }),
  globs: fc.array(fc.tuple(TEXT, fc.string({ unit: 'binary', minLength: 1, maxLength: 8 })), { maxLength: 3 }),
  soft: fc.boolean(),
  clear: fc.boolean(),
});

describe('a message', () => {
  it('is frozen', () => {
    for (const [text, news, q] of GOLDEN) {
      expect(encodeBusMessage(news, q)).toBe(text);
      expect(readBusMessage(text)).toEqual({ ...EMPTY, ...news, q });
      expect(readBusMessage(Buffer.from(text))).toEqual({ ...EMPTY, ...news, q });
    }
  });

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(NEWS, COUNT, (news, q) => {
        expect(readBusMessage(Buffer.from(encodeBusMessage(news, q)))).toEqual({ ...EMPTY, ...news, q });
      }),
    );
  });

  it('can be ended by a script that joins texts', () => {
    const news = { src: 'n', n: 1, tags: ['a"}'] };
    const ended = `${openBusMessage(news)},"q":${(1_700_000_000_000_001).toFixed(0)},"b":7}`;
    expect(readBusMessage(ended)).toEqual({ ...EMPTY, ...news, q: 1_700_000_000_000_001, birth: 7 });
  });

  it('may have fields that this version does not know', () => {
    const message = readBusMessage('{"v":1,"src":"n","n":1,"t":["a"],"later":{"x":1},"q":2}');
    expect(message).toEqual({ ...EMPTY, src: 'n', n: 1, tags: ['a'], q: 2 });
  });
});

describe('what is no message', () => {
  const WHOLE = {
    v: 1,
    src: 'n',
    n: 1,
    k: [['key', 1]],
    w: ['key'],
    t: ['tag'],
    p: ['prefix'],
    g: [['', '*glob']],
    s: true,
    c: true,
    q: 1,
    b: 1,
  };

  it('is not read: each field has its type and its bounds', () => {
    expect(readBusMessage(JSON.stringify(WHOLE))).toBeDefined();
    const bad: Record<string, unknown[]> = {
      v: [2, 0, '1', null, undefined],
      src: ['', 1, null, undefined, 'x'.repeat(129)],
      n: [-1, 1.5, '1', null, undefined, 2 ** 53],
      q: [-1, 1.5, '1', null, undefined, 2 ** 53, true],
      b: [-1, 1.5, '1', null],
      k: [null, 'key', ['key'], [['key']], [['key', '1']], [[1, 1]], [['key', -1]], [['key', 1, 1]], { length: 0 }],
      w: [null, 'key', [1], {}],
      t: [null, 'tag', [1], [['tag']], {}],
      p: [null, 'prefix', [null], {}],
      g: [null, 'glob', ['glob'], [['glob']], [['', '']], [[1, 'glob']], [['', 'glob', 1]], {}],
      s: [1, 'true', null],
      c: [1, 'true', null],
    };
    for (const [field, values] of Object.entries(bad)) {
      for (const value of values) {
        const text = JSON.stringify({ ...WHOLE, [field]: value });
        expect(readBusMessage(text), text).toBeUndefined();
      }
    }
  });

  it('is not read: other texts and bytes, too many names, too long', () => {
    for (const text of ['', 'null', '1', '"x"', '[]', '{}', '{"v":1', '{"__proto__":{"v":1,"src":"n","n":1,"q":1}}']) {
      expect(readBusMessage(text)).toBeUndefined();
    }
    const named = (count: number): BusMessage | undefined =>
      readBusMessage(encodeBusMessage({ src: 'n', n: 1, tags: Array(count - 1).fill('t'), prefixes: ['p'] }, 1));
    expect(named(MOST_NAMES)).toBeDefined();
    expect(named(MOST_NAMES + 1)).toBeUndefined();
    const sized = (length: number): BusMessage | undefined => {
      const text = encodeBusMessage({ src: 'n', n: 1, clear: true }, 1);
      return readBusMessage(text.padEnd(length));
    };
    expect(sized(LONGEST_MESSAGE)).toBeDefined();
    expect(sized(LONGEST_MESSAGE + 1)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readBusMessage(bytes) === undefined));
    fc.assert(
      fc.property(fc.json(), (text) => {
        readBusMessage(text);
      }),
    );
  });
});
