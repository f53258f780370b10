import { expect, it } from 'vitest';
import { LEASE } from '../../../src/cache/remote/entry-scripts.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

/** From the magic alone to the whole head of an entry without tags. */
const LENGTHS = Array.from({ length: 68 }, (_, i) => i + 4);
const QUIET = { coordinator: { heartbeat: '1m' } } as const;

describeWith('entries that are cut short', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  const whole = async (): Promise<Buffer> => {
    const cache = await nodes.open();
    await nodes.load(cache, 'whole', 'v'.repeat(100));
    return (await nodes.raw.getBuffer(nodes.names.value('whole')))!;
  };
  const name = (length: number): string => nodes.names.value(`k${length}`);
  const lay = async (): Promise<void> => {
    const bytes = await whole();
    for (const length of LENGTHS) await nodes.raw.set(name(length), bytes.subarray(0, length));
  };

  it('of every length are a miss, are told of and deleted', async () => {
    await lay();
    const cache = await nodes.open();
    const told = heard(cache, 'remote:foreign');
    for (const length of LENGTHS) {
      const errors = heard(cache, 'error');
      expect(await cache.get(`k${length}`), `${length} bytes`).toBeUndefined();
      expect(errors, `${length} bytes`).toHaveLength(1);
      await until(`${length} bytes are deleted`, async () => (await nodes.raw.exists(name(length))) === 0);
    }
    expect(told).toEqual([]);
    expect(cache.stats().remote).toMatchObject({ state: 'closed', errors: 0 });
  });

  it.each(['default', 'refresh'] as const)('of every length are replaced by a load (cache: %s)', async (mode) => {
    await lay();
    const cache = await nodes.open(QUIET);
    const fresh = await nodes.open();
    for (const length of LENGTHS) {
      const key = `k${length}`;
      expect(await cache.getOrSet(key, () => 'loaded', { cache: mode }), `${length} bytes`).toBe('loaded');
      await until(`a load is stored over ${length} bytes`, async () => (await nodes.raw.strlen(name(length))) > 71);
      expect(await fresh.get(key), `${length} bytes`).toBe('loaded');
    }
  });

  it('of every length are replaced by a batch', async () => {
    await lay();
    const cache = await nodes.open();
    const keys = LENGTHS.map((length) => `k${length}`);
    const values = await cache.getOrSetMany(keys, (missing) => missing.map(() => 'loaded'));
    expect(values.size).toBe(LENGTHS.length);
    await until('they can be read', async () => (await (await nodes.open()).getMany(keys)).size === LENGTHS.length);
  });

  it('give the lease to who asks for it, without being shown again, whatever was seen before', async () => {
    const bytes = await whole();
    const zero = Buffer.alloc(4);
    for (let length = 4; length < 9; length++) {
      for (const seen of ['', zero]) {
        const key = `${length}${seen.length}`;
        const keys = [nodes.names.value(key), nodes.names.lease(key)] as const;
        await nodes.raw.set(keys[0], bytes.subarray(0, length));
        expect(await nodes.raw.eval(LEASE.text, 2, ...keys, 'a.1', '1000', seen, ''), key).toEqual([1]);
      }
    }
  });

  const zeros = (length: number): Buffer =>
    Buffer.concat([Buffer.from('xxxxx'), Buffer.alloc(4), Buffer.from('xxx')]).subarray(0, length);
  it.each([
    ['text', (length: number) => Buffer.from('x'.repeat(length))],
    ['zero bytes', (length: number) => Buffer.alloc(length)],
    ['text with zero bytes where a checksum would be', zeros],
  ])('that are somebody else’s (%s) are left alone, and loads over them are not slow', async (_what, make) => {
    const cache = await nodes.open(QUIET);
    await nodes.load(cache, 'warm', 'v');
    for (let length = 1; length <= 12; length++) {
      const key = `k${length}`;
      await nodes.raw.set(name(length), make(length));
      const asked = await nodes.asked(async () => {
        expect(await cache.getOrSet(key, () => 'loaded'), `${length} bytes`).toBe('loaded');
        await pause(20);
      });
      const scripts = asked.filter((command) => command !== 'GET');
      expect(asked.length - scripts.length, `${length} bytes: ${asked}`).toBe(1);
      expect(scripts.length, `${length} bytes: ${asked}`).toBeLessThanOrEqual(3);
      expect(await nodes.raw.getBuffer(name(length)), `${length} bytes`).toEqual(make(length));
      expect(await nodes.raw.exists(nodes.names.lease(key)), `${length} bytes`).toBe(0);
    }
  });
});
