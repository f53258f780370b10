import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { compress, decompress } from '../../../src/cache/remote/compression.js';
import { SeededRandom, seedOf } from '../../random.js';

const ROWS = Buffer.from(
  JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id, region: 'north', open: id % 3 === 0 }))),
);

it('makes rows several times smaller, and gives them back', async () => {
  const small = await compress(ROWS);
  expect(small.length * 4).toBeLessThan(ROWS.length);
  expect(await decompress(small)).toEqual(ROWS);
  // Plain gzip: other languages read it.
  expect(gunzipSync(small)).toEqual(ROWS);
});

it('gives back the very same bytes where nothing is won', async () => {
  const random = new SeededRandom(seedOf('compression'));
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('a'),
    Buffer.from(Array.from({ length: 5_000 }, () => random.below(256))),
  ]) {
    expect(await compress(bytes)).toBe(bytes);
  }
});

it('stops at the largest size allowed', async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  expect(bomb.length).toBeLessThan(10_000);
  await expect(decompress(bomb, 1_000_000)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
  expect(await decompress(bomb, 5_000_000)).toHaveLength(5_000_000);
});

it('rejects what is no gzip, cut short or damaged', async () => {
  const small = await compress(ROWS);
  const damaged = Buffer.from(small);
  damaged[damaged.length - 5]! ^= 1;
  for (const bytes of [Buffer.from('no gzip'), Buffer.alloc(0), small.subarray(0, -10), damaged]) {
    await expect(decompress(bytes)).rejects.toThrow();
  }
});
