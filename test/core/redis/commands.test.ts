import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keySlot } from '../../../src/core/redis/key-slot.js';
import type { RedisReply } from '../../../src/core/redis/redis-port.js';
import { redisScript } from '../../../src/core/redis/script.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { KINDS, type Opened, startCluster, startSingle, type World } from './worlds.js';

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
/** Keys of which each belongs to another third of the slots. */
const SPREAD = [0, 1, 2].map((third) => {
  for (let i = 0; ; i++) if (Math.floor((keySlot(`spread:${i}`) * 3) / 16_384) === third) return `spread:${i}`;
});

const found = await findRedis({ private: true });

describeWith('commands through the port', found, () => {
  const worlds: Partial<Record<'single' | 'cluster', World>> = {};
  beforeAll(async () => {
    worlds.single = await startSingle();
    worlds.cluster = await startCluster();
  }, 60_000);
  afterAll(async () => {
    await worlds.single?.close();
    await worlds.cluster?.close();
  });

  describe.each(KINDS)('$name', (kind) => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await kind.open(worlds[kind.world]?.ports ?? []);
    });
    afterAll(async () => {
      await opened.port.close();
      await opened.end();
    });
    const send = (key: string, ...args: (string | Buffer)[]): Promise<RedisReply> => opened.port.send(key, args);

    it('is ready, and knows its topology', () => {
      expect(opened.port.ready).toBe(true);
      expect(opened.port.topology).toBe(kind.world);
    });

    it('every byte survives, in values and in arguments', async () => {
      await send('bytes', 'SET', 'bytes', BYTES);
      expect(await send('bytes', 'GET', 'bytes')).toEqual(BYTES);
      expect(await send('bytes', 'GETRANGE', 'bytes', '250', '255')).toEqual(BYTES.subarray(250));
      await send('empty', 'SET', 'empty', '');
      expect(await send('empty', 'GET', 'empty')).toEqual(Buffer.alloc(0));
    });

    it('nil is null, integers are numbers, lists keep nil in its place', async () => {
      expect(await send('absent', 'GET', 'absent')).toBeNull();
      await send('{m}:n', 'SET', '{m}:n', '41');
      expect(await send('{m}:n', 'INCR', '{m}:n')).toBe(42);
      expect(await send('{m}:n', 'MGET', '{m}:n', '{m}:absent')).toEqual([Buffer.from('42'), null]);
    });

    it('commands of one turn come back in order', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => send(`order:${i}`, 'SET', `order:${i}`, `${i}`)));
      const replies = await Promise.all(Array.from({ length: 100 }, (_, i) => send(`order:${i}`, 'GET', `order:${i}`)));
      expect(replies.map(String)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    });

    it('an error reply rejects', async () => {
      await send('text', 'SET', 'text', 'abc');
      await expect(send('text', 'LPUSH', 'text', 'x')).rejects.toThrow('WRONGTYPE');
    });

    it('a command without a key goes to any node', async () => {
      expect(String(await opened.port.send(undefined, ['PING']))).toBe('PONG');
    });

    it('a script runs on every node, known or not, and again after the scripts are flushed', async () => {
      const script = redisScript(`-- ${kind.name}\nreturn {KEYS[1], ARGV[1], #KEYS, false}`);
      for (const run of ['first', 'known', 'flushed']) {
        if (run === 'flushed') for (const master of await opened.port.masters()) await master(['SCRIPT', 'FLUSH']);
        for (const key of SPREAD) {
          const reply = await opened.port.run(script, [key, `{${key}}:other`], [BYTES]);
          expect(reply, `${run}, ${key}`).toEqual([Buffer.from(key), BYTES, 2, null]);
        }
      }
    });

    it('a script that fails rejects, and is not run twice', async () => {
      const script = redisScript(
        `-- ${kind.name}\nredis.call('INCR', KEYS[1])\nreturn redis.error_reply('NOPE my own')`,
      );
      await send('ran', 'DEL', 'ran');
      await expect(opened.port.run(script, ['ran'], [])).rejects.toThrow('NOPE my own');
      await expect(opened.port.run(script, ['ran'], [])).rejects.toThrow('NOPE my own');
      expect(String(await send('ran', 'GET', 'ran'))).toBe('2');
    });

    it('a sweep over all masters sees every key', async () => {
      for (const key of SPREAD) await send(key, 'SET', key, '1');
      const masters = await opened.port.masters();
      expect(masters).toHaveLength(kind.world === 'cluster' ? 3 : 1);
      const seen: string[] = [];
      for (const master of masters) {
        let cursor = '0';
        do {
          const reply = (await master(['SCAN', cursor, 'MATCH', 'spread:*', 'COUNT', '1000'])) as readonly RedisReply[];
          cursor = String(reply[0]);
          seen.push(...(reply[1] as readonly Buffer[]).map(String));
        } while (cursor !== '0');
      }
      expect(seen.sort()).toEqual([...SPREAD].sort());
    });

    it('refuses what is sent after close, and leaves the client of the host as it was', async () => {
      const { port, client, end } = await kind.open(worlds[kind.world]?.ports ?? []);
      const before = client?.eventNames().map((event) => [event, client.listenerCount(event)]);
      port.onReadiness(() => {});
      await port.close();
      await port.close();
      expect(port.ready).toBe(false);
      await expect(port.send('k', ['GET', 'k'])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      await expect(port.masters()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      if (client) {
        const after = client.eventNames().map((event) => [event, client.listenerCount(event)]);
        expect(after.filter(([event]) => String(event) !== 'Symbol(hotpath.listens)')).toEqual(before);
        const again = await kindOfHost(client);
        expect(again).toBe('PONG');
      }
      await end();
    });
  });
});

/** The host goes on using its own client. */
async function kindOfHost(client: object): Promise<string> {
  if ('ping' in client && typeof client.ping === 'function') return String(await client.ping());
  throw new Error('no ping');
}
