import Keyv from 'keyv';
import Keyv6 from 'keyv-6';
import { describe, expect, it } from 'vitest';
import { keyvStore } from '../../../src/cache/remote/keyv-source.js';
import { bytesOf, textOf } from '../../../src/cache/remote/keyv-text.js';
import { Adapter5, Adapter6 } from './keyv-adapters.js';

const BYTES = Buffer.from('hpc bytes');

describe('bytes as text', () => {
  it('come back whole, as text and as the bytes of the text', () => {
    for (const bytes of [Buffer.alloc(0), BYTES, Buffer.from([...Array(256).keys()])]) {
      expect(bytesOf(textOf(bytes))).toEqual(bytes);
      expect(bytesOf(Buffer.from(textOf(bytes)))).toEqual(bytes);
      expect(bytesOf(new Uint8Array(Buffer.from(textOf(bytes))))).toEqual(bytes);
    }
  });

  it('are told from anything else, which comes back as its own bytes', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    expect(bytesOf('hp2:abc')?.toString()).toBe('hp2:abc');
    expect(bytesOf('')).toEqual(Buffer.alloc(0));
    expect(bytesOf(Buffer.from([1, 2]))).toEqual(Buffer.from([1, 2]));
    expect(bytesOf({ a: 1 })?.toString()).toBe('{"a":1}');
    for (const odd of [cyclic, 1n, Symbol('s'), () => 1, 0, false]) expect(bytesOf(odd)).toBeInstanceOf(Buffer);
    expect([bytesOf(undefined), bytesOf(null)]).toEqual([undefined, undefined]);
  });
});

describe('foreign data under our keys', () => {
  const FOREIGN: Record<string, unknown> = {
    text: 'plain text',
    json: '{"value":"plain"}',
    null: 'null',
    number: '5',
    object: { some: 'object' },
    bytes: Buffer.from('bytes'),
  };

  it.each([
    ['an adapter of version 5', () => new Adapter5(), (adapter: Adapter5) => adapter],
    ['an adapter of version 6', () => new Adapter6(), (adapter: Adapter6) => adapter],
    ['Keyv 5.6', () => new Adapter5(), (adapter: Adapter5) => new Keyv(adapter as never, { useKeyPrefix: false })],
    ['Keyv 6', () => new Adapter6(), (adapter: Adapter6) => new Keyv6(adapter as never)],
  ])('never fails a read of %s, nor one of its neighbours', async (_, buildAdapter, around) => {
    const adapter = buildAdapter();
    const store = keyvStore(around(adapter as never));
    await store.set('ours', BYTES, 60_000);
    for (const [name, value] of Object.entries(FOREIGN)) adapter.plant(name, value);
    for (const name of Object.keys(FOREIGN)) {
      const found = await store.get(name);
      expect(found === undefined || Buffer.isBuffer(found)).toBe(true);
      const [ours, foreign, absent] = await store.getMany(['ours', name, 'absent']);
      expect([ours, absent]).toEqual([BYTES, undefined]);
      expect(foreign === undefined || Buffer.isBuffer(foreign)).toBe(true);
    }
  });

  it('is handed over as it is by an adapter, for the envelope to judge', async () => {
    const adapter = new Adapter5();
    adapter.plant('k', 'plain text');
    expect(await keyvStore(adapter).get('k')).toEqual(Buffer.from('plain text'));
  });

  it('is seen behind Keyv 5.6, whose parser throws on it', async () => {
    const adapter = new Adapter5();
    adapter.plant('k', 'plain text');
    expect(await keyvStore(new Keyv(adapter as never, { useKeyPrefix: false })).get('k')).toBeInstanceOf(Buffer);
  });
});
