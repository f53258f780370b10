import { createClient } from '@keyv/redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HotpathError } from '../../../src/core/errors.js';
import { peerError } from '../../../src/core/optional-peer.js';
import { type RedisUrlPort, redisUrlPort } from '../../../src/core/redis/url-client.js';
import { freePort } from '../../services/free-port.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { startSingle, until, type World } from './worlds.js';

describe('the URL', () => {
  it.each([
    'redis://localhost',
    'redis://localhost:6380/3',
    'rediss://user:p%40ss@cache.example.com',
    'redis://:secret@[::1]:6379/',
  ])('is taken: %s', (url) => {
    expect(redisUrlPort(url).ready).toBe(false);
  });

  it.each([
    'redis://user:hunter2@host:port',
    'redis://user:hunter2',
    'redis://:hunter2#x@host',
    'redis://:hunter2%@host',
    'redis://:hunter2@host/abc',
    'http://:hunter2@host',
    'hunter2@host:6379',
    'hunter2',
    '',
  ])('is refused at once, without showing its password: %s', (url) => {
    let error: unknown;
    try {
      redisUrlPort(url);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'remote' });
    const { message, stack, cause } = error as Error;
    expect(`${message} ${stack} ${String(cause)} ${JSON.stringify(error)}`).not.toContain('hunter2');
  });
});

describe('the package', () => {
  const missing = async (): Promise<never> => {
    try {
      return (await import('no-such-package' as string)) as never;
    } catch (error) {
      throw peerError(error, 'no-such-package', 'a test');
    }
  };

  it('is named, with what needs it and what to do, when it is missing', async () => {
    const port = redisUrlPort('redis://missing.example', { load: missing });
    const errors: unknown[] = [];
    port.onError((error) => errors.push(error));
    port.connect();
    await expect(port.loaded()).rejects.toMatchObject({
      code: 'MISSING_PEER',
      message: 'a test needs the package no-such-package, which is not installed: npm install no-such-package',
    });
    expect(errors).toHaveLength(1);
    expect(HotpathError.is(errors[0])).toBe(true);
    expect(port.ready).toBe(false);
    await expect(port.send('k', ['GET', 'k'])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await port.close();
  });

  it('that is there but fails to load says so itself', () => {
    const broken = new Error('broken inside');
    expect(peerError(broken, 'x', 'a test')).toBe(broken);
    const nested = Object.assign(new Error("Cannot find package 'inner' imported from x"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    expect(peerError(nested, 'x', 'a test')).toBe(nested);
  });
});

describeWith('a server by its URL', await findRedis({ private: true }), () => {
  let world: World;
  let url: string;
  beforeEach(async () => {
    world = await startSingle();
    url = `redis://127.0.0.1:${world.ports[0]}`;
  });
  afterEach(() => world.close());

  async function connected(): Promise<RedisUrlPort> {
    const port = redisUrlPort(url);
    port.connect();
    await until('ready', () => port.ready);
    return port;
  }

  async function connections(): Promise<number> {
    const client = createClient({ url });
    await client.connect();
    const list = String(await client.sendCommand(['CLIENT', 'LIST']));
    client.destroy();
    return list.trim().split('\n').length - 1;
  }

  it('is reached over one connection, however many ports there are, until the last is closed', async () => {
    const first = await connected();
    const second = redisUrlPort(url);
    const told: boolean[] = [];
    second.onReadiness((ready) => told.push(ready));
    second.connect();
    await until('the second is told', () => told.length > 0);
    expect(told).toEqual([true]);
    expect(await connections()).toBe(1);
    await first.close();
    await first.close();
    await expect(first.send('k', ['GET', 'k'])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await second.send('k', ['SET', 'k', 'v']);
    // What was sent before the end still arrives.
    const last = second.send('k', ['APPEND', 'k', 'w']);
    await second.close();
    expect(await last).toBe(2);
    expect(await connections()).toBe(0);
    const third = await connected();
    expect(String(await third.send('k', ['GET', 'k']))).toBe('vw');
    await third.close();
  });

  it('may be away at the start: errors are told, and it is found when it comes', async () => {
    await world.kill();
    const port = redisUrlPort(url);
    const errors: unknown[] = [];
    port.onError((error) => errors.push(error));
    port.connect();
    await port.loaded();
    await until('an error is told', () => errors.length > 0);
    expect(port.ready).toBe(false);
    await world.restart();
    await until('ready', () => port.ready);
    await port.close();
  });

  it('closes within a second while the server is frozen: connected, greeting or subscribed', async () => {
    const port = await connected();
    const subscriber = port.subscriber();
    subscriber.start(
      ['news'],
      () => {},
      () => {},
    );
    world.signal('SIGSTOP');
    const sent = port.send('k', ['GET', 'k']);
    sent.catch(() => {});
    const greeting = redisUrlPort(`${url}/1`);
    greeting.connect();
    await greeting.loaded();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = performance.now();
    await Promise.all([port.close(), greeting.close()]);
    expect(performance.now() - started).toBeLessThan(1_000);
    await expect(sent).rejects.toThrow();
    world.signal('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await connections()).toBe(0);
  });

  it('is not connected to when the port is closed in the same breath, whatever state it was in', async () => {
    for (const turns of [0, 1, 2, 3, 5, 10, 20]) {
      const port = redisUrlPort(url);
      port.connect();
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      await port.close();
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await connections()).toBe(0);
  });
});

it('an address where nobody answers leaves nothing behind after close', async () => {
  const port = redisUrlPort(`redis://127.0.0.1:${await freePort()}`);
  const errors: unknown[] = [];
  port.onError((error) => errors.push(error));
  port.connect();
  await until('it was tried twice', () => errors.length >= 2);
  await port.close();
  const after = errors.length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(errors).toHaveLength(after);
});
