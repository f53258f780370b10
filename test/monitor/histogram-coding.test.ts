import { deflateSync, inflateSync } from 'node:zlib';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, HIGHEST, lowestOf, widthOf } from '../../src/monitor/bucket-layout.js';
import { Distribution } from '../../src/monitor/distribution.js';
import { decodeHistogram, encodeHistogram } from '../../src/monitor/exports/histogram-coding.js';
import { UNITS } from '../../src/monitor/unit.js';
import { SeededRandom, seedOf } from '../random.js';
import { distributionOf } from './reader-double.js';

/** Counts beyond 2^31 are lost in the smaller ones of theirs. */
const BITS = 64;

const countsOf = (values: Distribution): Map<number, number> => {
  const counts = new Map<number, number>();
  values.forEachBucket((bucket, count) => counts.set(bucket, count));
  return counts;
};

const ofBuckets = (...counts: (readonly [bucket: number, count: number])[]): Distribution => {
  const values = new Distribution('bytes');
  for (const [bucket, count] of counts) {
    values.addBucket(bucket, count);
    values.addTotals(count, count * lowestOf(bucket), lowestOf(bucket), lowestOf(bucket));
  }
  return values;
};

/** The bytes of a histogram, compressed ones unpacked. */
function contentOf(text: string): Buffer {
  return inflateSync(Buffer.from(text, 'base64').subarray(8));
}

/** Counts by bucket. */
function decoded(text: string): Map<number, number> {
  const { buckets, counts } = decodeHistogram(text);
  return new Map(Array.from(buckets, (bucket, i) => [bucket, counts[i]!]));
}

/** A histogram with other bytes in it. */
function packed(content: Buffer, cookie = 0x1c849314): string {
  const compressed = deflateSync(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(cookie, 0);
  head.writeUInt32BE(compressed.length, 4);
  return Buffer.concat([head, compressed]).toString('base64');
}

function changed(change: (content: Buffer) => void): string {
  const content = contentOf(encodeHistogram(ofBuckets([3, 1], [900, 5])));
  change(content);
  return packed(content);
}

describe('an encoded histogram', () => {
  it('is read by hdr-histogram-js, with all percentiles and the total as they are', () => {
    const random = new SeededRandom(seedOf('histogram against hdr-histogram-js'));
    for (const spread of [2, 1_000, 1e9]) {
      const samples = Array.from({ length: 2_000 }, () => ({ value: spread ** (2 * random.next() - 0.5) }));
      const values = distributionOf('ms', samples);
      const theirs = decodeFromCompressedBase64(encodeHistogram(values), BITS);
      expect(theirs.totalCount).toBe(values.count);
      for (let share = 1; share <= 100; share++) {
        const own = bucketOf(values.percentile(share / 100)! * UNITS.ms.steps + 0.5);
        expect([share, bucketOf(theirs.getValueAtPercentile(share))]).toEqual([share, own]);
      }
    }
  });

  it('has each bucket where hdr-histogram-js has it', () => {
    const every = ofBuckets(...Array.from({ length: BUCKETS }, (_, bucket) => [bucket, (bucket % 7) + 1] as const));
    const ours = decodeFromCompressedBase64(encodeHistogram(every), BITS);
    const theirs = build({ bitBucketSize: BITS, highestTrackableValue: HIGHEST, numberOfSignificantValueDigits: 2 });
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      theirs.recordValueWithCount(lowestOf(bucket) + widthOf(bucket) - 1, (bucket % 7) + 1);
    }
    expect(encodeIntoCompressedBase64(ours)).toBe(encodeIntoCompressedBase64(theirs));
    expect(ours.maxValue).toBe(HIGHEST);
  });

  it('is read back from what hdr-histogram-js writes, but for the two fields that it writes in its own way', () => {
    const theirs = build({ bitBucketSize: BITS, highestTrackableValue: HIGHEST, numberOfSignificantValueDigits: 2 });
    for (const value of [0, 2, 255, 256, 70_000, 3e12]) theirs.recordValueWithCount(value, value + 1);
    const text = encodeIntoCompressedBase64(theirs);
    const counts = decoded(text);
    expect(counts).toEqual(new Map([0, 2, 255, 256, 70_000, 3e12].map((value) => [bucketOf(value), value + 1])));
    const content = contentOf(text);
    content.writeUInt32BE(0, 8);
    content.writeDoubleBE(1, 32);
    const values = ofBuckets(...counts);
    expect(contentOf(encodeHistogram(values)).equals(content)).toBe(true);
  });

  it('is what the Java original writes, byte for byte once it is unpacked', () => {
    // By HdrHistogram 2.2.2 (Java): each value recorded as often as it is large, and once more.
    const text = 'HISTFAAAADp4nJNpmSzMwMCgwAABTFCakYHhPxjYf4BKsPxkbmBpYukVeHSU46RR04Gf986vY5zP2wABjABvKRaq';
    const counts = decoded(text);
    const recorded = [0, 1, 255, 256, 70_000, 3e12, HIGHEST];
    expect(counts).toEqual(new Map(recorded.map((value) => [bucketOf(value), value + 1])));
    expect(contentOf(encodeHistogram(ofBuckets(...counts))).equals(contentOf(text))).toBe(true);
  });

  it('has index offset 0 and ratio 1, without which strict decoders refuse it', () => {
    const content = contentOf(encodeHistogram(ofBuckets([5, 1])));
    expect(content.readUInt32BE(8)).toBe(0);
    expect(content.readDoubleBE(32)).toBe(1);
  });

  it.each([1, 127, 128, 2 ** 31, 2 ** 32 + 1, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER])(
    'carries a count of %d exactly',
    (count) => {
      const text = encodeHistogram(ofBuckets([1_000, count]));
      expect(decoded(text)).toEqual(new Map([[1_000, count]]));
      expect(decodeFromCompressedBase64(text, BITS).totalCount).toBe(count);
    },
  );

  it('without values is a histogram without values', () => {
    const text = encodeHistogram(new Distribution('ms'));
    expect(decoded(text)).toEqual(new Map());
    expect(decodeFromCompressedBase64(text).totalCount).toBe(0);
  });

  it('is read back as it was', () => {
    const random = new SeededRandom(seedOf('histogram round trip'));
    for (let round = 0; round < 100; round++) {
      const values = ofBuckets(
        ...Array.from({ length: random.below(200) }, () => [random.below(BUCKETS), 1 + random.below(2 ** 40)] as const),
      );
      expect(decoded(encodeHistogram(values))).toEqual(countsOf(values));
    }
  });
});

describe('what is no histogram of ours is refused:', () => {
  const good = encodeHistogram(ofBuckets([3, 1], [900, 5]));

  it.each<[string, string]>([
    ['an empty text', ''],
    ['what is no base64', '%%%%'],
    ['base64 of something else', Buffer.from('something else').toString('base64')],
    ['one that is cut off', good.slice(0, good.length - 8)],
    ['one with something behind it', Buffer.concat([Buffer.from(good, 'base64'), Buffer.alloc(3)]).toString('base64')],
    ['one of the older format', packed(contentOf(good), 0x1c849302)],
    ['a content of the older format', changed((content) => content.writeUInt32BE(0x1c849301, 0))],
    ['a content that is cut short', changed((content) => content.writeUInt32BE(99, 4))],
    ['an empty content', packed(Buffer.alloc(0))],
    ['a header alone', packed(contentOf(good).subarray(0, 40))],
    ['three digits', changed((content) => content.writeUInt32BE(3, 12))],
    ['another lowest value', changed((content) => content.writeBigUInt64BE(1_000n, 16))],
    ['another range', changed((content) => content.writeBigUInt64BE(2n ** 62n, 24))],
    ['a number that is cut short', changed((content) => content.writeUInt8(0xff, content.length - 1))],
    ['a number beyond 53 bits', changed((content) => content.fill(0xff, 40).writeUInt8(0x01, content.length - 1))],
    ['a count of 2^53', packed(withPayload(good, word(2 ** 53)))],
    ['more buckets than there are', packed(withPayload(good, [...word(-BUCKETS), ...word(1)]))],
    ['zeros without end', packed(withPayload(good, [...word(-(2 ** 52)), ...word(1)]))],
    ['what unpacks to more than a histogram', packed(Buffer.alloc(2 ** 24))],
    ['a text of megabytes', 'A'.repeat(4_000_000)],
  ])('%s', (_, text) => {
    expect(() => decodeHistogram(text)).toThrow();
  });

  it('before it takes much room: unpacking stops where no histogram is as large', () => {
    expect(() => decodeHistogram(packed(Buffer.alloc(2 ** 24)))).toThrow(
      expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }),
    );
    expect(() => decodeHistogram('A'.repeat(4_000_000))).toThrow('no base64 of a histogram');
  });

  it('and its own way of changing one is not what makes it refused', () => {
    expect(decoded(changed(() => {}))).toEqual(
      new Map([
        [3, 1],
        [900, 5],
      ]),
    );
    expect(decoded(packed(withPayload(good, [...word(-(BUCKETS - 1)), ...word(1)])))).toEqual(
      new Map([[BUCKETS - 1, 1]]),
    );
  });
});

/** Another payload behind the header, with its length. */
function withPayload(text: string, payload: readonly number[]): Buffer {
  const content = Buffer.concat([contentOf(text).subarray(0, 40), Buffer.from(payload)]);
  content.writeUInt32BE(payload.length, 4);
  return content;
}

/** A number in the format's words, by another way than the code under test. */
function word(value: number): number[] {
  let rest = BigInt(value) < 0n ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number((rest & 127n) | 128n));
  return [...bytes, Number(rest)];
}
