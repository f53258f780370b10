import { expect, it } from 'vitest';
import { encodeBusMessage } from '../../../src/cache/remote/bus-message.js';
import { EntryCodec } from '../../../src/cache/remote/entry-codec.js';
import type { EntryFacts } from '../../../src/cache/remote/entry-record.js';
import { ENVELOPE_READERS, encodeEnvelope, readEnvelope } from '../../../src/cache/remote/envelope.js';
import { checksumOf } from '../../../src/cache/remote/envelope-checksum.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { heard } from '../deferred.js';
import { type Nodes, pause, until, useNodes } from './nodes.js';

const codec = new EntryCodec({ compressAbove: Number.POSITIVE_INFINITY });
/** What the next version of the package reads: its own format and the one before. Nothing but the format byte differs. */
const READERS = { ...ENVELOPE_READERS, 2: ENVELOPE_READERS[1]! };

/** Plays a node of the next version: writes format 2, reads both. */
class NextNode {
  readonly #nodes: Nodes;
  #published = 0;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  async encoded(value: unknown): Promise<Buffer> {
    const { raw, names } = this.#nodes;
    const [sequence, birth] = (await raw.zmscore(names.versions, '!seq', '!birth')).map(Number);
    const facts: EntryFacts = {
      storedAt: Date.now(),
      ttlMs: 60_000,
      staleMs: 0,
      since: sequence!,
      birth: birth!,
      tags: [],
      loaderMs: 1,
      cost: undefined,
    };
    const packed = await codec.pack(facts, value);
    const opened = readEnvelope(packed);
    if (opened.status !== 'ok') throw new Error('not an envelope');
    const bytes = encodeEnvelope(facts, opened.payload, opened.codec, opened.compressed);
    bytes.writeUInt8(2, 4);
    return bytes;
  }

  /** As a write of the host's: others are told. */
  async write(key: string, value: unknown): Promise<Buffer> {
    const { raw, names } = this.#nodes;
    const bytes = await this.encoded(value);
    await raw.set(names.value(key), bytes);
    const keys = [[names.value(key), checksumOf(bytes)]] as const;
    await raw.publish(names.channel, encodeBusMessage({ src: 'next', n: ++this.#published, keys }, 0));
    return bytes;
  }

  async read(key: string): Promise<unknown> {
    const { raw, names } = this.#nodes;
    const bytes = await raw.getBuffer(names.value(key));
    if (bytes === null) return undefined;
    const opened = readEnvelope(bytes, READERS);
    if (opened.status !== 'ok') throw new Error(`the next version finds it ${opened.status}`);
    const unpacked = await codec.unpack(opened);
    return unpacked.status === 'ok' ? unpacked.value : unpacked;
  }
}

describeWith('two formats side by side', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  const bytesOf = (key: string): Promise<Buffer | null> => nodes.raw.getBuffer(nodes.names.value(key));

  it('the older node leaves entries of the newer alone, whatever it reads and loads', async () => {
    const cache = await nodes.open();
    const next = new NextNode(nodes);
    const written = new Map<string, Buffer>();
    for (const key of ['a', 'b', 'c', 'd']) written.set(key, await next.write(key, `next ${key}`));
    const errors = heard(cache, 'error');
    const told = heard(cache, 'remote:foreign');
    const misses = heard(cache, 'miss');
    expect(await cache.get('a')).toBeUndefined();
    expect(misses).toEqual([{ key: 'a', reason: 'version' }]);
    expect(told).toEqual([{ key: 'a', why: 'format' }]);
    expect(await cache.getOrSet('a', () => 'mine')).toBe('mine');
    expect(await cache.getOrSet('b', () => 'mine', { cache: 'refresh' })).toBe('mine');
    expect((await cache.getOrSetMany(['c', 'd', 'e'], (missing) => missing.map(() => 'mine'))).size).toBe(3);
    expect(await cache.delete('d', { soft: true })).toMatchObject({ remote: 'done' });
    await nodes.stored('e');
    await pause(20);
    for (const [key, bytes] of written) {
      expect(await bytesOf(key), key).toEqual(bytes);
      expect(await next.read(key)).toBe(`next ${key}`);
      expect(await nodes.raw.exists(nodes.names.lease(key)), key).toBe(0);
    }
    expect(errors).toEqual([]);
    expect(cache.stats().remote).toMatchObject({ state: 'closed', errors: 0 });
  });

  it('the newer node reads what the older one writes', async () => {
    const cache = await nodes.open();
    const next = new NextNode(nodes);
    await nodes.load(cache, 'loaded', { rows: [1, 2] });
    await cache.set('set', 'by the host');
    expect(await next.read('loaded')).toEqual({ rows: [1, 2] });
    expect(await next.read('set')).toBe('by the host');
  });

  it('each takes the place of the other by a write of its host, and is heard', async () => {
    const cache = await nodes.open();
    const next = new NextNode(nodes);
    await cache.set('k', 'mine');
    await next.write('k', 'next');
    await until('the write is heard', () => cache.peek('k') === undefined);
    expect(await cache.get('k')).toBeUndefined();
    expect(await next.read('k')).toBe('next');
    await cache.set('k', 'mine again');
    expect(await next.read('k')).toBe('mine again');
    expect(await (await nodes.open()).get('k')).toBe('mine again');
    await next.write('k', 'next again');
    await cache.delete('k');
    expect(await next.read('k')).toBeUndefined();
  });

  it('a newer value that arrives while the older node loads is not replaced by that load', async () => {
    const cache = await nodes.open();
    const next = new NextNode(nodes);
    const loaded = await cache.getOrSet('k', async () => {
      await nodes.raw.set(nodes.names.value('k'), await next.encoded('next'));
      return 'mine';
    });
    expect(loaded).toBe('mine');
    await until('its lease is free', async () => (await nodes.raw.exists(nodes.names.lease('k'))) === 0);
    expect(await next.read('k')).toBe('next');
  });
});
