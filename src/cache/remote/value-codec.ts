import { InvalidOptionError } from '../../core/errors.js';
import { decodeValue, encodeValue } from './structured-codec.js';

/** A codec of the host's own, in place of the built-in one: another format, encryption. */
export interface Codec {
  /**
   * Names the format, 1 to 255 bytes of UTF-8. It stands before each payload: what was written under another id is a miss and
   * left alone. Give it a new one whenever the format changes.
   */
  readonly id: string;
  encode(value: unknown): Uint8Array | string | Promise<Uint8Array | string>;
  /** Throws or rejects for what it can't read: that is a miss. */
  decode(bytes: Buffer): unknown;
}

/** Bytes of a value, and the codec byte that the envelope says of them. */
export interface EncodedValue {
  readonly codec: number;
  readonly bytes: Buffer;
}

/** A value, or that its bytes were written by another codec. */
export type DecodedValue = { readonly status: 'ok'; readonly value: unknown } | { readonly status: 'foreign' };

/** The codec byte of a host's codec. Its payload: the length of the id (one byte), the id, what the codec made. */
export const HOST_CODEC = 2;

const FOREIGN: DecodedValue = Object.freeze({ status: 'foreign' });

/** Encodes and decodes values: by the built-in codec, or by the host's and by no other. */
export class ValueCodec {
  readonly #host: Codec | undefined;
  /** Length and id of the host's codec. */
  readonly #head: Buffer;

  constructor(host?: Codec) {
    const id = Buffer.from(typeof host?.id === 'string' ? host.id : '');
    if (host && (id.length < 1 || id.length > 255)) {
      throw new InvalidOptionError('codec.id', 'a text of 1 to 255 bytes', host.id);
    }
    this.#host = host;
    this.#head = Buffer.from([id.length, ...id]);
  }

  /** @throws CodecError for what the built-in codec can't encode; whatever the host's throws. A promise only with a host's */
  encode(value: unknown): EncodedValue | Promise<EncodedValue> {
    return this.#host ? this.#encodeByHost(this.#host, value) : encodeValue(value);
  }

  /** @throws CodecError for damaged contents; whatever the host's codec throws. A promise only with a host's */
  decode(codec: number, bytes: Buffer): DecodedValue | Promise<DecodedValue> {
    if (this.#host) return this.#decodeByHost(this.#host, codec, bytes);
    return codec < HOST_CODEC ? { status: 'ok', value: decodeValue(codec, bytes) } : FOREIGN;
  }

  async #encodeByHost(host: Codec, value: unknown): Promise<EncodedValue> {
    const encoded = await host.encode(value);
    const body = typeof encoded === 'string' ? Buffer.from(encoded) : encoded;
    return { codec: HOST_CODEC, bytes: Buffer.concat([this.#head, body]) };
  }

  async #decodeByHost(host: Codec, codec: number, bytes: Buffer): Promise<DecodedValue> {
    const { length } = this.#head;
    if (codec !== HOST_CODEC || !this.#head.equals(bytes.subarray(0, length))) return FOREIGN;
    return { status: 'ok', value: await host.decode(bytes.subarray(length)) };
  }
}
