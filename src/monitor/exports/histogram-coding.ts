import { deflateSync, inflateSync } from 'node:zlib';
import { BUCKETS, HIGHEST } from '../bucket-layout.js';
import type { Distribution } from '../distribution.js';
import { readWord, writeWord } from './zigzag.js';

const COOKIE = 0x1c849313;
const COMPRESSED_COOKIE = 0x1c849314;
const DIGITS = 2;
const LOWEST = 1;
/** Cookie, payload length, index offset, digits, lowest and highest value, ratio of integers to doubles. */
const HEADER_BYTES = 40;
/** Most bytes of a count. */
const WORD_BYTES = 9;
const LONGEST_CONTENT = HEADER_BYTES + BUCKETS * WORD_BYTES;
/** Beyond this no histogram of ours can be, however badly it compresses. */
const LONGEST_TEXT = 4 * Math.ceil((LONGEST_CONTENT + 1_024) / 3);

/**
 * The counts as other implementations of HdrHistogram read them: V2, compressed, base64. Values are in steps of the unit. The layout
 * of buckets is theirs, so every count is carried over as it is.
 *
 * Index offset 0 and ratio 1 stand there as the format wants them: strict decoders, as Rust's, refuse anything else.
 *
 * Source: https://github.com/HdrHistogram/HdrHistogram (AbstractHistogram, encodeIntoCompressedByteBuffer)
 */
export function encodeHistogram(values: Distribution): string {
  const payload: number[] = [];
  let next = 0;
  values.forEachBucket((bucket, count) => {
    const zeros = bucket - next;
    if (zeros > 0) writeWord(payload, zeros === 1 ? 0 : -zeros);
    writeWord(payload, Math.min(count, Number.MAX_SAFE_INTEGER));
    next = bucket + 1;
  });
  if (next === 0) writeWord(payload, 0);
  const content = Buffer.alloc(HEADER_BYTES + payload.length);
  content.writeUInt32BE(COOKIE, 0);
  content.writeUInt32BE(payload.length, 4);
  content.writeUInt32BE(DIGITS, 12);
  content.writeBigUInt64BE(BigInt(LOWEST), 16);
  content.writeBigUInt64BE(BigInt(HIGHEST), 24);
  content.writeDoubleBE(1, 32);
  content.set(payload, HEADER_BYTES);
  const compressed = deflateSync(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(COMPRESSED_COOKIE, 0);
  head.writeUInt32BE(compressed.length, 4);
  return Buffer.concat([head, compressed]).toString('base64');
}

/** Counts of the buckets in use, smallest bucket first; none of them 0. Ten bytes each. */
export interface BucketCounts {
  readonly buckets: Uint16Array;
  readonly counts: Float64Array;
}

/**
 * The counts behind {@link encodeHistogram}.
 *
 * @throws RangeError or TypeError for what is no such histogram, or one of another resolution; an error of zlib's for what was
 * damaged, or would unpack to more than a histogram can be
 */
export function decodeHistogram(text: string): BucketCounts {
  if (text.length > LONGEST_TEXT || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new TypeError('no base64 of a histogram');
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 8 || bytes.readUInt32BE(0) !== COMPRESSED_COOKIE || bytes.readUInt32BE(4) !== bytes.length - 8) {
    throw new TypeError('no compressed V2 histogram');
  }
  const content = inflateSync(bytes.subarray(8), { maxOutputLength: LONGEST_CONTENT });
  checkHeader(content);
  return readCounts(content);
}

function checkHeader(content: Buffer): void {
  if (content.length <= HEADER_BYTES || content.readUInt32BE(0) !== COOKIE) throw new TypeError('no V2 histogram');
  const isWhole = content.readUInt32BE(4) === content.length - HEADER_BYTES;
  if (!isWhole) throw new RangeError('a histogram that is cut short');
  const isOurs =
    content.readUInt32BE(12) === DIGITS &&
    content.readBigUInt64BE(16) === BigInt(LOWEST) &&
    content.readBigUInt64BE(24) === BigInt(HIGHEST);
  if (!isOurs) throw new RangeError('a histogram of another range or resolution');
}

function readCounts(content: Buffer): BucketCounts {
  // A word is a byte at least, so there is no more in it than this.
  const most = Math.min(BUCKETS, content.length - HEADER_BYTES);
  const buckets = new Uint16Array(most);
  const counts = new Float64Array(most);
  let used = 0;
  let bucket = 0;
  let at = HEADER_BYTES;
  while (at < content.length) {
    const { value, end } = readWord(content, at);
    at = end;
    if (bucket - Math.min(value, 0) > BUCKETS || (value >= 0 && bucket >= BUCKETS)) {
      throw new RangeError('a histogram with too many buckets');
    }
    if (value < 0) {
      bucket -= value;
      continue;
    }
    if (value > 0) {
      buckets[used] = bucket;
      counts[used++] = value;
    }
    bucket++;
  }
  return { buckets: buckets.slice(0, used), counts: counts.slice(0, used) };
}
