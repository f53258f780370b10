import { describe, expect, it } from 'vitest';
import { heard } from '../deferred.js';
import { flushMicrotasks, KeyvNodes, MeddledStore, NAMES } from './keyv-nodes.js';

const nodes = new KeyvNodes();

describe('a Keyv store that fails', () => {
  it('is left alone, and never reaches the host', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store);
    const down = heard(cache, 'remote:down');
    store.failure = new Error('disk full');
    for (let i = 0; i < 20; i++) {
      expect(await cache.getOrSet(`k${i}`, () => i)).toBe(i);
      expect(await cache.set(`s${i}`, i)).toBe(true);
      expect((await cache.delete(`d${i}`)).remote).toBe('queued');
    }
    expect((await cache.invalidateTags(['t'])).remote).toBe('queued');
    expect((await cache.invalidate('a*b')).remote).toBe('queued');
    expect((await cache.clear()).remote).toBe('queued');
    expect(await cache.getMany(['k1', 'none'])).toEqual(new Map());
    expect(down).toHaveLength(1);
    expect(cache.stats().remote).toMatchObject({ state: 'open' });
    store.asked.length = 0;
    expect(await cache.getOrSet('other', () => 'v')).toBe('v');
    expect(store.asked).toEqual([]);
  });

  it('is told what it missed before it is read again', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store, { memory: false });
    await cache.getOrSet('a', () => 'old', { tags: ['t'] });
    await cache.getOrSet('b', () => 'old');
    await flushMicrotasks();
    const up = heard(cache, 'remote:up');
    store.failure = new Error('no');
    for (let i = 0; i < 5; i++) await cache.get('x');
    await cache.invalidateTags(['t']);
    await cache.delete('b');
    store.failure = undefined;
    await nodes.pass(3_000);
    expect(up).toHaveLength(1);
    expect(cache.stats().remote).toMatchObject({ state: 'closed', unconfirmed: 0 });
    for (const node of [cache, await nodes.open(store)]) {
      expect([await node.get('a'), await node.get('b')]).toEqual([undefined, undefined]);
    }
  });

  it('is told again with the next beat, where the breaker never opened', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store, { memory: false });
    await cache.set('k', 'old');
    store.failure = new Error('once');
    expect((await cache.delete('k')).remote).toBe('queued');
    store.failure = undefined;
    // It is still there, and is not served here.
    expect(store.has(NAMES.value('k'))).toBe(true);
    expect(await cache.get('k')).toBeUndefined();
    await nodes.pass(1_050);
    expect(store.has(NAMES.value('k'))).toBe(false);
    expect(cache.stats().remote).toMatchObject({ state: 'closed', unconfirmed: 0 });
  });
});

describe('a Keyv store that hangs', () => {
  it('costs a deadline at first, and then nothing', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store);
    store.holds = () => true;
    for (let i = 0; i < 5; i++) {
      const read = cache.getOrSet(`k${i}`, () => i);
      await nodes.pass(200);
      expect(await read).toBe(i);
    }
    expect(cache.stats().remote).toMatchObject({ state: 'open' });
    expect(await cache.getOrSet('other', () => 'v')).toBe('v');
    store.holds = () => false;
    await nodes.pass(4_000);
    expect(cache.stats().remote).toMatchObject({ state: 'closed' });
    await cache.getOrSet('back', () => 'v');
    await flushMicrotasks();
    expect(await (await nodes.open(store)).get('back')).toBe('v');
  });

  it('gets an invalidation through although the operations before it never come to an end', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store, { memory: false });
    await cache.getOrSet('k', () => 'old', { tags: ['t'] });
    await flushMicrotasks();
    store.holds = () => true;
    const first = cache.invalidateTags(['u']);
    const second = cache.delete('k');
    await nodes.pass(500);
    expect([(await first).remote, (await second).remote]).toEqual(['queued', 'queued']);
    store.holds = () => false;
    const third = cache.invalidateTags(['t']);
    await nodes.pass(5_000);
    await third;
    expect(cache.stats().remote).toMatchObject({ state: 'closed', unconfirmed: 0 });
    expect(store.has(NAMES.value('k'))).toBe(false);
    await nodes.pass(500);
    expect(store.held).toBeGreaterThan(0);
  });

  it('that lets a write of long ago through after a delete: it is taken out again', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store, { memory: false });
    store.holds = (operation) => operation === 'set';
    const stuck = cache.set('k', 'old');
    await nodes.pass(500);
    expect(await stuck).toBe(false);
    store.holds = () => false;
    const deleted = cache.delete('k');
    await nodes.pass(2_000);
    await deleted;
    expect(cache.stats().remote).toMatchObject({ unconfirmed: 0 });
    await store.letGo();
    await flushMicrotasks();
    expect(store.has(NAMES.value('k'))).toBe(false);
    expect(await cache.get('k')).toBeUndefined();
  });

  it('leaves nothing behind when the cache is closed', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store);
    const timers = nodes.clock.pendingTimers;
    await cache.close();
    await nodes.pass(2_000);
    expect(timers).toBeGreaterThan(0);
    expect(nodes.clock.pendingTimers).toBe(0);
    store.asked.length = 0;
    await nodes.pass(5_000);
    expect(store.asked).toEqual([]);
  });
});
