import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findRedis, type RedisServer } from './redis.js';
import { RespCommands } from './resp-commands.js';
import { describeWith } from './service.js';
import { TcpProxy } from './tcp-proxy.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeWith('a proxy in front of Redis', await findRedis({ private: true }), (start) => {
  let redis: RedisServer;
  let proxy: TcpProxy;
  let store: Redis;
  let bus: Redis;
  let heard: string[];

  const client = (): Redis => {
    const made = new Redis(proxy.port, '127.0.0.1', { retryStrategy: () => null, lazyConnect: true });
    made.on('error', () => {});
    return made;
  };
  const timed = async (work: Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await work;
    return performance.now() - from;
  };

  beforeAll(async () => {
    redis = await start();
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    proxy = await TcpProxy.start(redis.port);
    store = client();
    bus = client();
    heard = [];
    bus.on('message', (_, text) => heard.push(text));
    await Promise.all([store.connect(), bus.connect()]);
    await bus.subscribe('news');
  });
  afterEach(async () => {
    store.disconnect();
    bus.disconnect();
    await proxy.close();
  });

  it('passes everything on, and tells the bus from the store', async () => {
    const large = 'x'.repeat(3_000_000);
    await store.set('k', large);
    expect(await store.get('k')).toBe(large);
    await store.publish('news', 'hello');
    await expect.poll(() => heard).toEqual(['hello']);
    expect([proxy.connections('store'), proxy.connections('bus')]).toEqual([1, 1]);
    expect(proxy.commands.get('SUBSCRIBE')).toBe(1);
    expect(proxy.commands.get('GET')).toBe(1);
  });

  it('delays each direction, keeping the order', async () => {
    proxy.delay({ up: 40, down: 60 });
    expect(await timed(store.ping())).toBeGreaterThanOrEqual(95);
    const answers = await Promise.all([store.incr('n'), store.incr('n'), store.incr('n')]);
    expect(answers).toEqual([1, 2, 3]);
    proxy.delay({});
    await store.ping();
    expect(await timed(store.ping())).toBeLessThan(60);
  });

  it('delays the bus alone', async () => {
    proxy.delay({ down: 150 }, ['bus']);
    const from = performance.now();
    await store.publish('news', 'late');
    expect(performance.now() - from).toBeLessThan(100);
    await expect.poll(() => heard, { interval: 5 }).toEqual(['late']);
    expect(performance.now() - from).toBeGreaterThanOrEqual(149);
  });

  it('freezes: nothing passes, nothing is lost, new connections wait too', async () => {
    proxy.freeze();
    let answered = false;
    const ping = store.ping().then(() => {
      answered = true;
    });
    const late = client();
    void late.connect().catch(() => {});
    const other = late.ping();
    await pause(80);
    expect(answered).toBe(false);
    proxy.thaw();
    await ping;
    expect(await other).toBe('PONG');
    late.disconnect();
  });

  it('cuts the bus while the store lives, and refuses only those who subscribe', async () => {
    const ended = new Promise((resolve) => bus.once('end', resolve));
    proxy.refuse(['bus']);
    proxy.cut(['bus']);
    await ended;
    expect(await store.ping()).toBe('PONG');
    const other = client();
    await other.connect();
    expect(await other.ping()).toBe('PONG');
    await expect(other.subscribe('news')).rejects.toThrow();
    proxy.accept(['bus']);
    const third = client();
    await third.connect();
    expect(await third.subscribe('news')).toBe(1);
    third.disconnect();
  });

  it('refuses everybody', async () => {
    proxy.refuse();
    await expect(client().connect()).rejects.toThrow();
  });
});

describe('the names of commands in a connection', () => {
  const text = Buffer.from(
    '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\n$9\r\n*1\r\n$4\r\n\r\n*1\r\n$4\r\nping\r\nECHO hi\r\n*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n',
  );

  it('are found whatever way it is cut', () => {
    for (let size = 1; size <= text.length; size++) {
      const commands = new RespCommands();
      const names: string[] = [];
      for (let at = 0; at < text.length; at += size) names.push(...commands.read(text.subarray(at, at + size)));
      expect(names).toEqual(['SET', 'PING', 'ECHO', 'SUBSCRIBE']);
    }
  });
});
