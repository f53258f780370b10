import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlledRedis, findControlledRedis } from './redis-control.js';
import { type MonitorLog, parseMonitorLine } from './redis-monitor.js';
import { describeWith } from './service.js';

/** MONITOR tells by a connection of its own: what was sent may show a moment later. */
async function seen(log: MonitorLog, name: string): Promise<void> {
  await expect.poll(() => log.counts().has(name), { timeout: 2_000, interval: 5 }).toBe(true);
}

describeWith('a Redis under control', await findControlledRedis(), (start) => {
  let redis: ControlledRedis;
  beforeAll(async () => {
    redis = await start();
  });
  afterAll(() => redis.close());

  it('loses everything and its connections when killed, and comes back on the same port', async () => {
    await redis.command('SET', 'k', 'v');
    await redis.kill();
    await expect(redis.command('GET', 'k')).rejects.toThrow();
    await redis.restart();
    expect(await redis.command('GET', 'k')).toBeNull();
  });

  it('answers nothing while paused, and what it was asked once it goes on', async () => {
    await redis.command('SET', 'k', 'v');
    redis.pause();
    const reply = redis.command('GET', 'k');
    const first = await Promise.race([reply, new Promise((resolve) => setTimeout(() => resolve('nothing'), 100))]);
    redis.resume();
    expect(first).toBe('nothing');
    expect(await reply).toBe('v');
  });

  it('gives bytes as they are', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    await redis.bytes('SET', 'bytes', bytes);
    expect(await redis.bytes('GET', 'bytes')).toEqual(bytes);
  });

  it('shows every command that it is sent, those of scripts included', async () => {
    const log = await redis.monitor();
    await redis.command('SET', 'monitored', 'a "quoted" value');
    await redis.command('EVAL', "return redis.call('GET', KEYS[1])", 1, 'monitored');
    await redis.command('ECHO', 'done');
    await seen(log, 'ECHO');
    const set = log.commands.find(({ name }) => name === 'SET');
    expect(set?.args).toEqual(['monitored', 'a \\"quoted\\" value']);
    expect(log.commands.find(({ name }) => name === 'GET')?.client).toBe('lua');
    log.clear();
    expect(log.counts().size).toBe(0);
    log.close();
  });
});

describeWith('a Redis with a clock of its own', await findControlledRedis({ clock: true }), (start) => {
  it('has its wall clock stepped, forward and back, for TIME, for scripts and for expiry', async () => {
    const redis = await start();
    const aheadSeconds = async (reply: Promise<unknown>): Promise<number> =>
      Math.round(Number(((await reply) as [string])[0]) - Date.now() / 1000);
    try {
      expect(Math.abs(await aheadSeconds(redis.command('TIME')))).toBeLessThanOrEqual(1);
      await redis.command('SET', 'k', 'v', 'EX', 1800);
      redis.setClock(3600);
      expect(Math.abs((await aheadSeconds(redis.command('TIME'))) - 3600)).toBeLessThanOrEqual(1);
      expect(await redis.command('GET', 'k')).toBeNull();
      redis.setClock(-3600);
      const script = redis.command('EVAL', "return redis.call('TIME')", 0);
      expect(Math.abs((await aheadSeconds(script)) + 3600)).toBeLessThanOrEqual(1);
    } finally {
      await redis.close();
    }
  });
});

describe('a line of MONITOR', () => {
  it.each([
    ['+1700000000.5 [0 127.0.0.1:5000] "get" "a b"', { client: '127.0.0.1:5000', name: 'GET', args: ['a b'] }],
    ['+1700000000.5 [0 lua] "SET" "k]" "\\"\\\\"', { client: 'lua', name: 'SET', args: ['k]', '\\"\\\\'] }],
    ['+OK', undefined],
  ])('%s', (line, expected) => {
    const command = parseMonitorLine(line);
    if (expected) expect(command).toMatchObject(expected);
    else expect(command).toBeUndefined();
  });
});
