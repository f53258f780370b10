import { crc32 } from './crc32.js';
import type { EntryFacts } from './entry-record.js';
import { CHECKSUM_AT } from './envelope-checksum.js';
import { wireText, wireTextBack } from './wire-name.js';

/** A payload with its facts, as it was taken out of an envelope. */
export interface OpenedEnvelope {
  readonly status: 'ok';
  readonly facts: EntryFacts;
  /** How the payload is encoded: docs/wire.md. */
  readonly codec: number;
  readonly compressed: boolean;
  /** A view of the bytes that were read. */
  readonly payload: Buffer;
}

/**
 * What bytes from the server turned out to be. `foreign` is somebody else's, or of a format that this version can't read:
 * to be left alone. `corrupt` is ours and damaged.
 */
export type EnvelopeReading =
  | OpenedEnvelope
  | { readonly status: 'foreign'; readonly why: 'magic' | 'format' }
  | { readonly status: 'corrupt' };

/** Reads one format, from whole bytes whose magic and format byte were seen. */
export type EnvelopeReader = (bytes: Buffer) => EnvelopeReading;

/** `HP`, and two bytes that no UTF-8 text holds. Read as one number. */
const MAGIC = 0x4850c1ff;
const FORMAT_AT = 4;

/** Format 1, all numbers little-endian. The checksum covers everything behind itself. */
const CODEC_AT = 9;
const FLAGS_AT = 10;
const FACTS_AT = 11;
const TAG_COUNT_AT = FACTS_AT + 7 * 8;
const TAGS_AT = TAG_COUNT_AT + 4;

const COMPRESSED = 1;

const FOREIGN_MAGIC: EnvelopeReading = Object.freeze({ status: 'foreign', why: 'magic' });
const FOREIGN_FORMAT: EnvelopeReading = Object.freeze({ status: 'foreign', why: 'format' });
const CORRUPT: EnvelopeReading = Object.freeze({ status: 'corrupt' });

/** The formats that this version reads: its own and, once there is one, the one before. */
export const ENVELOPE_READERS: Readonly<Record<number, EnvelopeReader>> = Object.freeze({ 1: readFormat1 });

/** An entry as it stands on the server, in the newest format. */
export function encodeEnvelope(facts: EntryFacts, payload: Uint8Array, codec: number, compressed: boolean): Buffer {
  const tags = facts.tags.map((tag) => Buffer.from(wireText(tag)));
  const size = tags.reduce((sum, tag) => sum + 4 + tag.length, TAGS_AT) + payload.length;
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes[FORMAT_AT] = 1;
  bytes[CODEC_AT] = codec;
  bytes[FLAGS_AT] = compressed ? COMPRESSED : 0;
  const { storedAt, ttlMs, staleMs, since, birth, loaderMs, cost = Number.NaN } = facts;
  let at = FACTS_AT;
  for (const number of [storedAt, ttlMs, staleMs, since, birth, loaderMs, cost]) at = bytes.writeDoubleLE(number, at);
  at = bytes.writeUInt32LE(tags.length, at);
  for (const tag of tags) {
    at = bytes.writeUInt32LE(tag.length, at);
    bytes.set(tag, at);
    at += tag.length;
  }
  bytes.set(payload, at);
  bytes.writeUInt32LE(crc32(bytes.subarray(CODEC_AT)), CHECKSUM_AT);
  return bytes;
}

/**
 * Takes an entry out of its bytes. Never throws.
 *
 * @param readers - by format; a later version of hotpath has more
 */
export function readEnvelope(bytes: Buffer, readers: typeof ENVELOPE_READERS = ENVELOPE_READERS): EnvelopeReading {
  if (bytes.length < FORMAT_AT || bytes.readUInt32BE(0) !== MAGIC) return FOREIGN_MAGIC;
  const format = bytes[FORMAT_AT];
  if (format === undefined) return CORRUPT;
  const reader = readers[format];
  return reader === undefined ? FOREIGN_FORMAT : reader(bytes);
}

function readFormat1(bytes: Buffer): EnvelopeReading {
  if (bytes.length < TAGS_AT || bytes.readUInt32LE(CHECKSUM_AT) !== crc32(bytes.subarray(CODEC_AT))) return CORRUPT;
  const flags = bytes[FLAGS_AT]!;
  // A flag of tomorrow may change what the payload is.
  if ((flags & ~COMPRESSED) !== 0) return FOREIGN_FORMAT;
  const tags: string[] = [];
  const payloadAt = readTags(bytes, tags);
  const facts = readFacts(bytes, tags);
  if (payloadAt === undefined || !isSound(facts)) return CORRUPT;
  const compressed = (flags & COMPRESSED) !== 0;
  return { status: 'ok', facts, codec: bytes[CODEC_AT]!, compressed, payload: bytes.subarray(payloadAt) };
}

/** Collects the tags. Where the payload starts, `undefined` if a length leads beyond the end. */
function readTags(bytes: Buffer, tags: string[]): number | undefined {
  let at = TAGS_AT;
  for (let left = bytes.readUInt32LE(TAG_COUNT_AT); left > 0; left--) {
    if (at + 4 > bytes.length) return undefined;
    const start = at + 4;
    at = start + bytes.readUInt32LE(at);
    if (at > bytes.length) return undefined;
    tags.push(wireTextBack(bytes.toString('utf8', start, at)));
  }
  return at;
}

function readFacts(bytes: Buffer, tags: readonly string[]): EntryFacts {
  const cost = bytes.readDoubleLE(FACTS_AT + 48);
  return {
    storedAt: bytes.readDoubleLE(FACTS_AT),
    ttlMs: bytes.readDoubleLE(FACTS_AT + 8),
    staleMs: bytes.readDoubleLE(FACTS_AT + 16),
    since: bytes.readDoubleLE(FACTS_AT + 24),
    birth: bytes.readDoubleLE(FACTS_AT + 32),
    tags,
    loaderMs: bytes.readDoubleLE(FACTS_AT + 40),
    cost: Number.isNaN(cost) ? undefined : cost,
  };
}

/** With a good checksum and impossible numbers, a faulty writer made it. */
function isSound({ storedAt, ttlMs, staleMs, since, birth, loaderMs }: EntryFacts): boolean {
  const areFinite = Number.isFinite(storedAt + since + birth + loaderMs);
  return areFinite && ttlMs >= 0 && staleMs >= 0;
}
