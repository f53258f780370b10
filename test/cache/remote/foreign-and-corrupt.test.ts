import { expect, it } from 'vitest';
import { crc32 } from '../../../src/cache/remote/crc32.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

describeWith('what is not ours, and what is damaged', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  const bytesOf = async (key: string): Promise<Buffer> => (await nodes.raw.getBuffer(nodes.names.value(key)))!;
  const sealed = (bytes: Buffer): Buffer => {
    bytes.writeUInt32LE(crc32(bytes.subarray(9)), 5);
    return bytes;
  };
  const changed = (bytes: Buffer, change: (bytes: Buffer) => unknown): Buffer => {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  };

  const foreign: readonly (readonly [what: string, make: (ours: Buffer) => Buffer, why: string])[] = [
    ['of another program', () => Buffer.from('{"value":"of another program"}'), 'magic'],
    ['of another program, short', () => Buffer.from('1'), 'magic'],
    ['of another program, all zero', () => Buffer.alloc(64), 'magic'],
    ['empty', () => Buffer.alloc(0), 'magic'],
    ['of a newer format', (ours) => changed(ours, (bytes) => bytes.writeUInt8(2, 4)), 'format'],
    ['with a flag of tomorrow', (ours) => sealed(changed(ours, (bytes) => bytes.writeUInt8(4, 10))), 'format'],
    ['of another codec', (ours) => sealed(changed(ours, (bytes) => bytes.writeUInt8(2, 9))), 'codec'],
  ];
  it.each(foreign.slice(0, 5).filter(([what]) => what !== 'empty'))(
    'a payload %s is a miss, is told of and left untouched',
    async (_what, make, why) => {
      const cache = await nodes.open();
      await nodes.load(cache, 'ours', 'v');
      const bytes = make(await bytesOf('ours'));
      await nodes.raw.set(nodes.names.value('k'), bytes);
      const misses = heard(cache, 'miss');
      const told = heard(cache, 'remote:foreign');
      const errors = heard(cache, 'error');
      expect(await cache.get('k')).toBeUndefined();
      expect(misses).toEqual([{ key: 'k', reason: 'version' }]);
      expect(told).toEqual([{ key: 'k', why }]);
      expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
      // In memory it may be kept.
      expect(await cache.getOrSet('k', () => 'again')).toBe('loaded');
      expect(await cache.getOrSetMany(['k', 'l'], (missing) => missing.map(() => 'batch'))).toEqual(
        new Map([
          ['k', 'loaded'],
          ['l', 'batch'],
        ]),
      );
      await pause(20);
      expect(await bytesOf('k')).toEqual(bytes);
      expect(await nodes.raw.exists(nodes.names.lease('k'))).toBe(0);
      expect(errors).toEqual([]);
      expect(cache.stats().remote).toMatchObject({ state: 'closed', errors: 0 });
      const other = await nodes.open();
      expect(await other.getOrSet('k', () => 'by other')).toBe('by other');
    },
  );

  it.each(foreign.slice(5))('a payload %s is a miss, and told of', async (_what, make, why) => {
    const cache = await nodes.open();
    await nodes.load(cache, 'ours', 'v');
    await nodes.raw.set(nodes.names.value('k'), make(await bytesOf('ours')));
    const told = heard(cache, 'remote:foreign');
    expect(await cache.get('k')).toBeUndefined();
    expect(told).toEqual([{ key: 'k', why }]);
    expect(await nodes.raw.exists(nodes.names.value('k'))).toBe(1);
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
  });

  it('the host may overwrite and delete what is foreign', async () => {
    const cache = await nodes.open();
    await nodes.raw.mset(nodes.names.value('a'), 'foreign', nodes.names.value('b'), 'foreign');
    expect(await cache.set('a', 1)).toBe(true);
    expect(await (await nodes.open()).get('a')).toBe(1);
    await cache.delete('b');
    expect(await nodes.raw.exists(nodes.names.value('b'))).toBe(0);
  });

  it('a soft delete leaves it alone', async () => {
    const cache = await nodes.open();
    await nodes.raw.set(nodes.names.value('k'), 'foreign');
    expect(await cache.delete('k', { soft: true })).toMatchObject({ remote: 'done' });
    expect(await nodes.raw.get(nodes.names.value('k'))).toBe('foreign');
  });

  it('a payload of ours with a bad checksum is a miss, and is deleted', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    for (const key of ['a', 'b', 'c']) await nodes.load(here, key, 'v'.repeat(100));
    const damage = {
      a: (bytes: Buffer): Buffer => changed(bytes, (copy) => copy.writeUInt8(copy.at(-3)! ^ 1, copy.length - 3)),
      b: (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 10),
      c: (bytes: Buffer): Buffer => bytes.subarray(0, 7),
    };
    const errors = heard(there, 'error');
    const told = heard(there, 'remote:foreign');
    for (const [key, spoil] of Object.entries(damage)) {
      await nodes.raw.set(nodes.names.value(key), spoil(await bytesOf(key)));
      expect(await there.get(key)).toBeUndefined();
      expect(errors.splice(0)).toHaveLength(1);
    }
    expect(told).toEqual([]);
    const values = Object.keys(damage).map((key) => nodes.names.value(key));
    await until('all are deleted', async () => (await nodes.raw.exists(...values)) === 0);
    for (const key of ['a', 'b', 'c']) expect(await there.getOrSet(key, () => 'new')).toBe('new');
    await nodes.stored('a');
    expect(await (await nodes.open()).get('a')).toBe('new');
  });

  it('what was written over damage in the meantime is not deleted', async () => {
    const here = await nodes.open();
    await nodes.load(here, 'k', 'v');
    const bytes = await bytesOf('k');
    await nodes.raw.set(
      nodes.names.value('k'),
      changed(bytes, (copy) => copy.writeUInt8(copy.at(-1)! ^ 1, copy.length - 1)),
    );
    const there = await nodes.open();
    const [miss] = await Promise.all([there.get('k'), here.set('k', 'new')]);
    expect([undefined, 'new']).toContain(miss);
    await pause(20);
    expect(await (await nodes.open()).get('k')).toBe('new');
  });

  it('a checksum that is right over numbers that are not makes it damaged', async () => {
    const here = await nodes.open();
    await nodes.load(here, 'k', 'v');
    await nodes.raw.set(
      nodes.names.value('k'),
      sealed(changed(await bytesOf('k'), (bytes) => void bytes.writeDoubleLE(Number.NaN, 11))),
    );
    const there = await nodes.open();
    expect(await there.get('k')).toBeUndefined();
    await until('it is deleted', async () => (await nodes.raw.exists(nodes.names.value('k'))) === 0);
  });

  it('messages that are not ours change nothing', async () => {
    const cache = await nodes.open();
    await nodes.load(cache, 'k', 'v', ['t']);
    const { channel } = nodes.names;
    const q = Date.now() * 1000 + 60e6;
    const nonsense = [
      '',
      'nonsense',
      '[]',
      '{}',
      '{"v":2,"src":"x","n":1,"t":["t"],"q":1}',
      `{"v":1,"src":"x","n":-1,"c":true,"q":${q}}`,
    ];
    for (const message of nonsense) await nodes.raw.publish(channel, message);
    await nodes.raw.publish(channel, Buffer.from([0xff, 0x00, 0xfe]));
    await pause(20);
    expect(cache.peek('k')).toBe('v');
  });
});
