import { createClient } from '@keyv/redis';
import { Command } from 'ioredis';
import { expect, it } from 'vitest';
import { keySlot, SLOTS } from '../../../src/core/redis/key-slot.js';
import { SeededRandom, seedOf } from '../../random.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { startCluster } from './worlds.js';

const PIECES = ['{', '}', 'a', 'user:1', '123456789', ':', 'ä', '\u{1f600}', '\u0000', ' ', '{}', '}{'];

function randomKeys(count: number): string[] {
  const random = new SeededRandom(seedOf('key slots'));
  return Array.from({ length: count }, () =>
    Array.from({ length: random.below(8) }, () => random.pick(PIECES)).join(''),
  );
}

it('follows the examples of the specification', () => {
  // The check value of CRC16-CCITT (XModem).
  expect(keySlot('123456789')).toBe(0x31c3);
  expect(keySlot('{user1000}.following')).toBe(keySlot('{user1000}.followers'));
  expect(keySlot('foo{bar}{zap}')).toBe(keySlot('bar'));
  expect(keySlot('foo{{bar}}zap')).toBe(keySlot('{bar'));
  expect(keySlot('foo{}{bar}')).not.toBe(keySlot('bar'));
  expect(keySlot('')).toBe(0);
});

it('agrees with ioredis on any key without an empty hash tag', () => {
  for (const key of randomKeys(5_000)) {
    // There the clients look for another tag further on. The server does not, and has the last word.
    if (key.includes('{}')) continue;
    const slot = keySlot(key);
    expect(slot, JSON.stringify(key)).toBe(new Command('get', [key]).getSlot());
    expect(slot).toBeLessThan(SLOTS);
  }
});

describeWith('key slots', await findRedis({ private: true }), () => {
  it('agrees with the server on any key', async () => {
    const cluster = await startCluster();
    const client = createClient({ url: `redis://127.0.0.1:${cluster.ports[0]}` });
    try {
      await client.connect();
      const keys = randomKeys(500);
      const slots = await Promise.all(keys.map((key) => client.sendCommand(['CLUSTER', 'KEYSLOT', key])));
      expect(keys.map(keySlot)).toEqual(slots);
    } finally {
      client.destroy();
      await cluster.close();
    }
  });
});
