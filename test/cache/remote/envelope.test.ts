import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32, crc32ByTable } from '../../../src/cache/remote/crc32.js';
import type { EntryFacts } from '../../../src/cache/remote/entry-record.js';
import {
  ENVELOPE_READERS,
  type EnvelopeReader,
  encodeEnvelope,
  readEnvelope,
} from '../../../src/cache/remote/envelope.js';
import { GOLDEN_ENVELOPES } from './fixtures/envelopes.js';

const FACTS: EntryFacts = {
  storedAt: 1_700_000_000_000.25,
  ttlMs: 60_000,
  staleMs: 0,
  since: 1_700_000_000_000_001,
  birth: 1_600_000_000_000_000,
  tags: ['table:sales', 'tenant:42'],
  loaderMs: 12.5,
  cost: 3,
};
const PAYLOAD = Buffer.from('{"rows":[1,2,3]}');

const TIME = fc.double({ min: 0, max: 1e16, noNaN: true });
const WINDOW = fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY));
const ENTRY = fc.record({
  facts: fc.record({
    storedAt: TIME,
    ttlMs: WINDOW,
    staleMs: WINDOW,
    since: TIME,
    birth: TIME,
    tags: fc.array(
      fc.oneof(
        fc.string({ maxLength: 6, unit: 'binary' }),
        fc.constantFrom('\ud800', '%', '%uD800', '{a:b}', '\0', '', '\u{1f600}'),
      ),
      { maxLength: 4 },
    ),
    loaderMs: TIME,
    cost: fc.option(TIME, { nil: undefined }),
  }),
  payload: fc.uint8Array({ maxLength: 200 }),
  codec: fc.integer({ min: 0, max: 255 }),
  compressed: fc.boolean(),
});

describe('format 1', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(ENTRY, ({ facts, payload, codec, compressed }) => {
        const bytes = encodeEnvelope(facts, payload, codec, compressed);
        expect(readEnvelope(bytes)).toEqual({
          status: 'ok',
          facts,
          codec,
          compressed,
          payload: Buffer.from(payload),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is frozen: golden bytes are read, and written again byte by byte', () => {
    expect(GOLDEN_ENVELOPES.length).toBeGreaterThan(2);
    for (const { name, hex, facts, codec, compressed, payload } of GOLDEN_ENVELOPES) {
      const bytes = Buffer.from(hex, 'hex');
      const expected = { status: 'ok', facts, codec, compressed, payload: Buffer.from(payload, 'hex') };
      expect(readEnvelope(bytes), name).toEqual(expected);
      expect(encodeEnvelope(facts, expected.payload, codec, compressed).toString('hex'), name).toBe(hex);
    }
  });

  it('has the layout that docs/wire.md gives', () => {
    const bytes = encodeEnvelope(FACTS, PAYLOAD, 1, true);
    expect([...bytes.subarray(0, 5)]).toEqual([0x48, 0x50, 0xc1, 0xff, 1]);
    expect(bytes.readUInt32LE(5)).toBe(zlib.crc32(bytes.subarray(9)));
    expect([bytes[9], bytes[10]]).toEqual([1, 1]);
    const doubles = [0, 1, 2, 3, 4, 5, 6].map((i) => bytes.readDoubleLE(11 + 8 * i));
    const { storedAt, ttlMs, staleMs, since, birth, loaderMs, cost } = FACTS;
    expect(doubles).toEqual([storedAt, ttlMs, staleMs, since, birth, loaderMs, cost]);
    expect([bytes.readUInt32LE(67), bytes.readUInt32LE(71)]).toEqual([2, 11]);
    expect(bytes.toString('utf8', 75, 86)).toBe('table:sales');
    expect(bytes.subarray(-PAYLOAD.length)).toEqual(PAYLOAD);
  });

  it('is corrupt with any bit changed behind the format byte, and at any shorter length', () => {
    const bytes = encodeEnvelope(FACTS, PAYLOAD, 0, false);
    for (let bit = 5 * 8; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(readEnvelope(damaged), `bit ${bit}`).toEqual({ status: 'corrupt' });
    }
    for (let length = 4; length < bytes.length; length++) {
      expect(readEnvelope(bytes.subarray(0, length)), `length ${length}`).toEqual({ status: 'corrupt' });
    }
    expect(readEnvelope(Buffer.concat([bytes, Buffer.alloc(1)]))).toEqual({ status: 'corrupt' });
  });

  it('is corrupt where lengths lead beyond the end, or numbers are impossible, though the checksum is right', () => {
    const resealed = (change: (bytes: Buffer) => void, tags = FACTS.tags, payload = PAYLOAD): Buffer => {
      const bytes = encodeEnvelope({ ...FACTS, tags }, payload, 0, false);
      change(bytes);
      bytes.writeUInt32LE(crc32(bytes.subarray(9)), 5);
      return bytes;
    };
    expect(readEnvelope(resealed(() => {})).status).toBe('ok');
    const changes: ((bytes: Buffer) => void)[] = [
      (bytes) => bytes.writeUInt32LE(0xffffffff, 67),
      (bytes) => bytes.writeUInt32LE(0xffffffff, 71),
      (bytes) => bytes.writeUInt32LE(bytes.length - 75 + 1, 71),
      (bytes) => bytes.writeDoubleLE(Number.NaN, 11),
      (bytes) => bytes.writeDoubleLE(-1, 19),
      (bytes) => bytes.writeDoubleLE(Number.NaN, 27),
      (bytes) => bytes.writeDoubleLE(Number.POSITIVE_INFINITY, 35),
    ];
    for (const change of changes) expect(readEnvelope(resealed(change))).toEqual({ status: 'corrupt' });
    const oneMore = resealed((bytes) => bytes.writeUInt32LE(bytes.length - 75 + 1, 71), ['only']);
    expect(readEnvelope(oneMore)).toEqual({ status: 'corrupt' });
    const noLength = resealed((bytes) => bytes.writeUInt32LE(1, 67), [], Buffer.alloc(3));
    expect(readEnvelope(noLength)).toEqual({ status: 'corrupt' });
    // A flag that this version does not know may mean anything.
    const flagged = resealed((bytes) => {
      bytes[10] = 2;
    });
    expect(readEnvelope(flagged)).toEqual({ status: 'foreign', why: 'format' });
  });

  it('takes what has another start for foreign, whatever it is', () => {
    for (const other of ['', 'HP', '{"value":1}', 'x'.repeat(500), 'HPÁÿ']) {
      expect(readEnvelope(Buffer.from(other))).toEqual({ status: 'foreign', why: 'magic' });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readEnvelope(Buffer.from(bytes)).status !== 'ok'),
    );
  });
});

describe('two formats in one Redis', () => {
  /** What a later version might write: its facts as JSON. */
  const encodeFormat2 = (facts: EntryFacts, payload: Buffer): Buffer => {
    const body = Buffer.from(JSON.stringify({ facts, payload: payload.toString('base64') }));
    const head = encodeEnvelope(FACTS, PAYLOAD, 0, false).subarray(0, 9);
    const bytes = Buffer.concat([head, body]);
    bytes[4] = 2;
    bytes.writeUInt32LE(crc32(body), 5);
    return bytes;
  };
  const readFormat2: EnvelopeReader = (bytes) => {
    if (bytes.readUInt32LE(5) !== crc32(bytes.subarray(9))) return { status: 'corrupt' };
    const { facts, payload } = JSON.parse(bytes.toString('utf8', 9)) as { facts: EntryFacts; payload: string };
    return { status: 'ok', facts, codec: 0, compressed: false, payload: Buffer.from(payload, 'base64') };
  };

  it('the older version leaves entries of the newer alone, damaged or not', () => {
    const newer = encodeFormat2(FACTS, PAYLOAD);
    expect(readEnvelope(newer)).toEqual({ status: 'foreign', why: 'format' });
    newer[20]! ^= 1;
    expect(readEnvelope(newer)).toEqual({ status: 'foreign', why: 'format' });
  });

  it('the newer version reads both, and knows damage in both', () => {
    const readers = { ...ENVELOPE_READERS, 2: readFormat2 };
    for (const bytes of [encodeEnvelope(FACTS, PAYLOAD, 0, false), encodeFormat2(FACTS, PAYLOAD)]) {
      expect(readEnvelope(bytes, readers)).toMatchObject({ status: 'ok', facts: FACTS, payload: PAYLOAD });
      bytes[bytes.length - 1]! ^= 1;
      expect(readEnvelope(bytes, readers)).toEqual({ status: 'corrupt' });
    }
  });
});

describe('the checksum', () => {
  it('is that of gzip, with and without help from zlib', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32ByTable(Buffer.from('123456789'))).toBe(0xcbf43926);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(crc32ByTable(bytes)).toBe(zlib.gzipSync(bytes).readUInt32LE(zlib.gzipSync(bytes).length - 8));
        expect(crc32(bytes)).toBe(crc32ByTable(bytes));
      }),
    );
  });
});
