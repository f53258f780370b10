import { expect, it } from 'vitest';
import { DROP, PUT } from '../../../src/cache/remote/entry-scripts.js';
import { encodeEnvelope, readEnvelope } from '../../../src/cache/remote/envelope.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

describeWith('set and delete across nodes', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  const entryKeys = (key: string): string[] => {
    const value = nodes.names.value(key);
    return [value, `${value}:l`, `${value}:x`];
  };
  const serverMs = async (): Promise<number> => {
    const [seconds, micros] = await nodes.raw.time();
    return Number(seconds) * 1000 + Number(micros) / 1000;
  };
  /** A write that was sent at a moment of the past and arrives now. */
  const latePut = async (key: string, value: unknown, storedAt: number): Promise<string> => {
    const birth = -Number(await nodes.raw.zscore(nodes.names.versions, '!birth'));
    const since = Number(await nodes.raw.zscore(nodes.names.versions, '!seq'));
    const facts = { storedAt, ttlMs: 60_000, staleMs: 0, since, birth, tags: [], loaderMs: 0, cost: undefined };
    const bytes = encodeEnvelope(facts, Buffer.from(JSON.stringify(value)), 0, false);
    const args = [bytes, '60000', String(storedAt), nodes.names.channel, '{}'];
    return String(await nodes.raw.eval(PUT.text, 3, ...entryKeys(key), ...args));
  };

  it('a set takes one command and is what every node reads', async () => {
    const here = await nodes.open({ coordinator: { heartbeat: '1m' } });
    const there = await nodes.open();
    await here.set('warm', 1);
    expect(await nodes.asked(async () => expect(await here.set('k', 'one')).toBe(true))).toEqual(['PUT']);
    expect(await there.get('k')).toBe('one');
    await here.set('k', 'two');
    await until('there has heard', () => there.peek('k') === undefined);
    expect(await there.get('k')).toBe('two');
    await there.set('k', 'three');
    await until('here has heard', () => here.peek('k') !== 'two');
    expect(await here.get('k')).toBe('three');
  });

  it('a newer set wins over an older load of another node', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const loading = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    await there.set('k', 'set');
    loader.last.resolve('loaded');
    expect(await loading).toBe('loaded');
    await until('here forgets', () => here.peek('k') !== 'loaded');
    for (const cache of [here, there, await nodes.open()]) expect(await cache.get('k')).toBe('set');
  });

  it('a delete takes one command and reads the sequence for its token, says whether there was something, and holds on every node', async () => {
    const here = await nodes.open({ coordinator: { heartbeat: '1m' } });
    const there = await nodes.open();
    await there.set('k', 'v');
    await here.delete('warm');
    const results: unknown[] = [];
    expect(await nodes.asked(async () => void results.push(await here.delete('k')))).toEqual(['DROP', 'SYNC']);
    expect(results).toEqual([expect.objectContaining({ deleted: true, remote: 'done' })]);
    await until('there has heard', () => there.peek('k') === undefined);
    expect(await there.get('k')).toBeUndefined();
    expect(await here.delete('k')).toMatchObject({ deleted: false, remote: 'done' });
  });

  it('a set that was stuck on its way is refused after a later set or delete', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const before = (await serverMs()) - 5;
    await here.set('k', 'newer');
    expect(Number(await latePut('k', 'stuck', before))).toBeGreaterThan(before);
    expect(await there.get('k')).toBe('newer');
    await here.delete('k');
    expect(Number(await latePut('k', 'stuck', before))).toBeGreaterThan(before);
    await until('there has heard', () => there.peek('k') === undefined);
    expect(await there.get('k')).toBeUndefined();
    expect(await latePut('k', 'in time', (await serverMs()) + 1)).toBe('');
    expect(await there.get('k')).toBe('in time');
  });

  it('a set that was stuck is refused after a later load, too', async () => {
    const here = await nodes.open();
    const before = await serverMs();
    await pause(3);
    await nodes.load(here, 'k', 'loaded');
    expect(Number(await latePut('k', 'stuck', before))).toBeGreaterThan(before);
    expect(await (await nodes.open()).get('k')).toBe('loaded');
  });

  it('a delete that arrives late leaves the tombstone of a later one as it is', async () => {
    const now = await serverMs();
    const drop = (at: number): Promise<unknown> =>
      nodes.raw.eval(DROP.text, 3, ...entryKeys('k'), String(at), '60000', nodes.names.channel, '{}');
    await drop(now + 3);
    await drop(now);
    const [, , tombstone] = entryKeys('k');
    expect(Number(await nodes.raw.get(tombstone!))).toBeCloseTo(now + 3, 0);
    expect(Number(await latePut('k', 'stuck', now + 1))).toBeGreaterThan(now + 1);
    const life = await nodes.raw.pttl(tombstone!);
    expect(life).toBeGreaterThan(50_000);
    expect(life).toBeLessThanOrEqual(60_000);
  });

  it('a set after a delete of a node whose clock runs ahead is stored all the same', async () => {
    const here = await nodes.open();
    await nodes.raw.set(entryKeys('k')[2]!, String((await serverMs()) + 30_000), 'PX', 60_000);
    expect(await here.set('k', 'v')).toBe(true);
    expect(await (await nodes.open()).get('k')).toBe('v');
    // A moment that no clock can have had is not believed.
    await nodes.raw.set(entryKeys('wild')[2]!, String((await serverMs()) + 3_600_000), 'PX', 60_000);
    expect(await (await nodes.open()).set('wild', 'v')).toBe(true);
    expect(await (await nodes.open()).get('wild')).toBe('v');
    const written = readEnvelope((await nodes.raw.getBuffer(nodes.names.value('wild')))!);
    expect(written.status === 'ok' && written.facts.storedAt).toBeLessThan((await serverMs()) + 1_000);
  });

  it('the last of many concurrent sets of one node stays', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await Promise.all(Array.from({ length: 50 }, (_, i) => here.set('k', i)));
    expect(await there.get('k')).toBe(49);
    expect(await here.get('k')).toBe(49);
  });

  it('sets of several nodes end with one value on all', async () => {
    const caches = await Promise.all([nodes.open(), nodes.open(), nodes.open()]);
    for (let round = 0; round < 10; round++) {
      await Promise.all(caches.map((cache, i) => cache.set('k', `${round}.${i}`)));
      const { facts, payload } = readEnvelope((await nodes.raw.getBuffer(nodes.names.value('k')))!) as never as {
        facts: { storedAt: number };
        payload: Buffer;
      };
      expect(facts.storedAt).toBeGreaterThan(0);
      const there = JSON.parse(payload.toString()) as string;
      await until('all agree', async () =>
        (await Promise.all(caches.map((cache) => cache.get('k')))).every((v) => v === there),
      );
    }
  });

  it('a value lives on the server for its ttl and stale window', async () => {
    const cache = await nodes.open({ ttl: '1m', stale: '1m' });
    await cache.set('set', 1);
    await cache.set('own', 1, { ttl: '10s', stale: 0 });
    await cache.set('for ever', 1, { ttl: Number.POSITIVE_INFINITY });
    await nodes.load(cache, 'loaded', 1);
    await cache.getOrSet(
      'by the loader',
      ({ ttl }) => {
        ttl('20s');
        return 1;
      },
      { stale: '5s' },
    );
    await nodes.stored('by the loader');
    const life = (key: string): Promise<number> => nodes.raw.pttl(nodes.names.value(key));
    for (const [key, ms] of [
      ['set', 120_000],
      ['loaded', 120_000],
      ['own', 10_000],
      ['by the loader', 25_000],
    ] as const) {
      expect(await life(key)).toBeGreaterThan(ms - 2_000);
      expect(await life(key)).toBeLessThanOrEqual(ms);
    }
    expect(await life('for ever')).toBe(-1);
    expect(await (await nodes.open()).get('for ever')).toBe(1);
  });

  it('a value is gone for all once its life is over', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await here.set('k', 1, { ttl: 40 });
    expect(await there.get('k')).toBe(1);
    await until('it is over', async () => (await there.get('k')) === undefined);
    expect(await here.get('k')).toBeUndefined();
    expect(await nodes.raw.exists(nodes.names.value('k'))).toBe(0);
  });

  it('a set of nothing, or for no time, takes out what was there', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await here.setMany([
      ['a', 1],
      ['b', 1],
    ]);
    await there.getMany(['a', 'b']);
    expect(await here.set('a', undefined)).toBe(false);
    expect(await here.set('b', 2, { ttl: 0 })).toBe(false);
    await until('there has heard', () => there.peek('a') === undefined && there.peek('b') === undefined);
    expect(await there.getMany(['a', 'b'])).toEqual(new Map());
  });

  it('a set is heard of by its own node only once, and keeps its copy', async () => {
    const cache = await nodes.open({ coordinator: { heartbeat: '1m' } });
    const sets = heard(cache, 'set');
    await cache.set('k', 'v');
    await pause(20);
    expect(cache.peek('k')).toBe('v');
    expect(sets).toHaveLength(1);
    expect(await nodes.asked(async () => expect(await cache.get('k')).toBe('v'))).toEqual([]);
  });

  it('deleteMany deletes all, and says done once all are', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
    await here.setMany(keys.map((key) => [key, 1] as const));
    expect((await there.getMany(keys)).size).toBe(300);
    expect(await here.deleteMany(keys)).toMatchObject({ remote: 'done' });
    expect((await (await nodes.open()).getMany(keys)).size).toBe(0);
    await until('there has heard', () => keys.every((key) => there.peek(key) === undefined));
  });
});
