import { afterAll, beforeAll, expect, it } from 'vitest';
import { CacheManager, type Codec } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A codec that packs nothing before it is told to. */
function heldBack(): { codec: Codec; finish: () => void } {
  let finish = (): void => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const encode = (value: unknown): Promise<string> => gate.then(() => JSON.stringify(value));
  return { codec: { id: 'held back', encode, decode: (bytes) => JSON.parse(bytes.toString()) }, finish };
}

describeWith('calls of one process that overlap', await findRedis({ private: true }), (start) => {
  let url = '';
  let close = async (): Promise<void> => {};
  let count = 0;
  const open: CacheManager[] = [];
  beforeAll(async () => {
    const server = await start();
    ({ url } = server);
    close = () => server.close();
  });
  afterAll(async () => {
    await Promise.all(open.map((cache) => cache.close()));
    await close();
  });

  function make(namespace: string, options: { memory?: false; codec?: Codec } = {}): CacheManager {
    const remote = { store: url, readDeadline: '5s', writeDeadline: '5s' } as const;
    const cache = new CacheManager({ namespace, remote, ...options });
    open.push(cache);
    return cache;
  }

  it('before the first contact: a write is older than the invalidation after it', async () => {
    for (let i = 0; i < 5; i++) {
      const namespace = `overlap-${++count}`;
      const cache = make(namespace);
      await Promise.all([cache.set('k', 'old', { tags: ['t'] }), cache.invalidateTags(['t'])]);
      expect(await cache.get('k')).toBeUndefined();
      expect(await make(namespace).get('k')).toBeUndefined();
    }
  });

  it('a glob takes out what was being written when it was called', async () => {
    const { codec, finish } = heldBack();
    const namespace = `overlap-${++count}`;
    const cache = make(namespace, { memory: false, codec });
    await cache.ready();
    const writing = cache.set('g1', 'old');
    await cache.invalidate('*1*');
    finish();
    await writing;
    expect(await cache.get('g1')).toBeUndefined();
  });

  it('a soft delete is not undone by a read that was sent before it was done', async () => {
    const { codec, finish } = heldBack();
    const unpacking: Codec = { ...codec, encode: JSON.stringify, decode: async (bytes) => unpack(bytes) };
    const unpack = async (bytes: Buffer): Promise<unknown> => {
      await codec.encode('');
      return JSON.parse(bytes.toString());
    };
    const cache = make(`overlap-${++count}`, { codec: unpacking });
    await cache.ready();
    // Else what is read now would be read once more when the bus comes, and the fault be mended by chance.
    await expect.poll(() => cache.stats().remote?.bus).toBe('live');
    await cache.set('k', 'old');
    const deleting = cache.delete('k', { soft: true });
    const reading = cache.getOrSet('k', () => 'new');
    await deleting;
    finish();
    await reading;
    expect(await cache.get('k')).not.toBe('old');
  });

  it('a value that takes long to pack is loaded once, however many ask for it', async () => {
    const { codec, finish } = heldBack();
    const cache = make(`overlap-${++count}`, { memory: false, codec });
    await cache.ready();
    let loads = 0;
    const load = (): number => ++loads;
    expect(await cache.getOrSet('k', load)).toBe(1);
    const others = [1, 2, 3].map(() => cache.getOrSet('k', load));
    await pause(50);
    finish();
    expect(await Promise.all(others)).toEqual([1, 1, 1]);
    expect(cache.stats().remote?.leasesLost).toBe(0);
  });

  it('a load that all callers have left while they waited for another process is not run', async () => {
    const namespace = `overlap-${++count}`;
    const [here, there] = [make(namespace), make(namespace)];
    await Promise.all([here.ready(), there.ready()]);
    let finish = (_: string): void => {};
    const first = here.getOrSet(
      'k',
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    // The other process has the lease by now, or this one would run its loader.
    await expect.poll(() => here.stats().loads).toBe(1);
    const abort = new AbortController();
    let loads = 0;
    const left = there.getOrSet('k', () => `mine ${++loads}`, { signal: abort.signal });
    await expect.poll(() => there.stats().inFlight).toBe(1);
    abort.abort();
    await expect(left).rejects.toThrow();
    // Longer than it takes to look again.
    await pause(200);
    finish('theirs');
    expect(await first).toBe('theirs');
    expect(await there.getOrSet('k', () => `mine ${++loads}`)).toBe('theirs');
    expect(loads).toBe(0);
  });
});
