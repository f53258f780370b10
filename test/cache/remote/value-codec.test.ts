import { describe, expect, it } from 'vitest';
import { type Codec, HOST_CODEC, ValueCodec } from '../../../src/cache/remote/value-codec.js';
import { InvalidOptionError } from '../../../src/core/errors.js';

/** A codec whose every byte is turned around, so that reading it as anything else shows. */
function inverted(id: string): Codec {
  const invert = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff));
  return {
    id,
    encode: async (value) => invert(Buffer.from(JSON.stringify(value))),
    decode: async (bytes) => JSON.parse(invert(bytes).toString()) as unknown,
  };
}

describe('without a codec of the host', () => {
  it('encodes and decodes at once', () => {
    const values = new ValueCodec();
    for (const [value, codec] of [
      [{ a: 1 }, 0],
      [{ a: 1n }, 1],
    ] as const) {
      const encoded = values.encode(value) as { codec: number; bytes: Buffer };
      expect(encoded.codec).toBe(codec);
      expect(values.decode(encoded.codec, encoded.bytes)).toEqual({ status: 'ok', value });
    }
  });

  it('takes what a host wrote, and codecs of tomorrow, for foreign', () => {
    for (const codec of [HOST_CODEC, 3, 255]) {
      expect(new ValueCodec().decode(codec, Buffer.from('1'))).toEqual({ status: 'foreign' });
    }
  });
});

describe('with a codec of the host', () => {
  it('encodes and decodes by it, with its id before the payload', async () => {
    const values = new ValueCodec(inverted('mine/1'));
    const { codec, bytes } = await values.encode({ a: 1 });
    expect(codec).toBe(HOST_CODEC);
    expect(bytes[0]).toBe(6);
    expect(bytes.toString('latin1', 1, 7)).toBe('mine/1');
    expect(await values.decode(codec, bytes)).toEqual({ status: 'ok', value: { a: 1 } });
  });

  it('takes text, and gives it back as bytes', async () => {
    const values = new ValueCodec({ id: 'ü', encode: (value) => `<${value}>`, decode: (bytes) => bytes.toString() });
    const { bytes } = await values.encode('é');
    expect(await values.decode(HOST_CODEC, bytes)).toEqual({ status: 'ok', value: '<é>' });
  });

  it('takes what another codec wrote for foreign, the built-in one too: an unsealed value can not pass for a sealed one', async () => {
    const { bytes } = await new ValueCodec(inverted('a')).encode(1);
    for (const id of ['b', 'ab', 'aa']) {
      const other = new ValueCodec(inverted(id));
      expect(await other.decode(HOST_CODEC, bytes)).toEqual({ status: 'foreign' });
      for (const codec of [0, 1]) expect(await other.decode(codec, bytes)).toEqual({ status: 'foreign' });
    }
    const same = new ValueCodec(inverted('a'));
    for (const codec of [0, 1, 3]) expect(await same.decode(codec, bytes)).toEqual({ status: 'foreign' });
    for (const short of [Buffer.alloc(0), Buffer.from([1])]) {
      expect(await new ValueCodec(inverted('a')).decode(HOST_CODEC, short)).toEqual({ status: 'foreign' });
    }
  });

  it('passes its errors on, as rejections', async () => {
    const failing = new ValueCodec({
      id: 'x',
      encode: () => {
        throw new Error('no key');
      },
      decode: () => {
        throw new Error('no key');
      },
    });
    await expect(failing.encode(1)).rejects.toThrow('no key');
    await expect(failing.decode(HOST_CODEC, Buffer.from('\u0001x'))).rejects.toThrow('no key');
  });

  it('needs an id', () => {
    for (const id of ['', 'x'.repeat(256), undefined as never, 7 as never]) {
      expect(() => new ValueCodec(inverted(id))).toThrow(InvalidOptionError);
    }
  });
});
