import { HotpathError } from '../../core/errors.js';
import { compress, decompress } from './compression.js';
import type { EntryFacts } from './entry-record.js';
import { encodeEnvelope, type OpenedEnvelope } from './envelope.js';
import { type Codec, type EncodedValue, ValueCodec } from './value-codec.js';

/** A schema of any library that speaks Standard Schema 1 (standardschema.dev): zod, valibot, arktype ... */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor?: string;
    readonly types?: unknown;
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
  };
}

type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** What the payload of an envelope turned out to be. */
export type Unpacked =
  | { readonly status: 'ok'; readonly value: unknown }
  | { readonly status: 'foreign'; readonly why: string }
  | { readonly status: 'schema'; readonly why: string };

/** Puts values into envelopes and takes them out again. */
export class EntryCodec {
  readonly #values: ValueCodec;
  readonly #compressAbove: number;
  readonly #schema: StandardSchema | undefined;

  constructor(options: { codec?: Codec | undefined; compressAbove: number; schema?: StandardSchema | undefined }) {
    this.#values = new ValueCodec(options.codec);
    this.#compressAbove = options.compressAbove;
    this.#schema = options.schema;
  }

  /** At once for a small value under the built-in codec, else by the thread pool or the host's codec. May throw or reject. */
  pack(facts: EntryFacts, value: unknown): Buffer | Promise<Buffer> {
    const encoded = this.#values.encode(value);
    if (encoded instanceof Promise) return encoded.then((done) => this.#wrap(facts, done));
    return this.#wrap(facts, encoded);
  }

  #wrap(facts: EntryFacts, { codec, bytes }: EncodedValue): Buffer | Promise<Buffer> {
    if (bytes.length <= this.#compressAbove) return encodeEnvelope(facts, bytes, codec, false);
    return compress(bytes).then((small) => encodeEnvelope(facts, small, codec, small !== bytes));
  }

  /** At once wherever {@link pack} would be. Throws or rejects for a payload that can't be read. */
  unpack({ codec, compressed, payload }: OpenedEnvelope): Unpacked | Promise<Unpacked> {
    if (compressed) return decompress(payload).then((bytes) => this.#decode(codec, bytes));
    return this.#decode(codec, payload);
  }

  #decode(codec: number, bytes: Buffer): Unpacked | Promise<Unpacked> {
    const decoded = this.#values.decode(codec, bytes);
    const judge = (done: Awaited<typeof decoded>): Unpacked | Promise<Unpacked> =>
      done.status === 'ok' ? this.#check(done.value) : { status: 'foreign', why: 'codec' };
    return decoded instanceof Promise ? decoded.then(judge) : judge(decoded);
  }

  /** What the schema makes of a value is what is served: it may fill in defaults. */
  #check(value: unknown): Unpacked | Promise<Unpacked> {
    if (this.#schema === undefined) return { status: 'ok', value };
    const judge = (result: StandardResult): Unpacked =>
      result.issues
        ? { status: 'schema', why: result.issues.map(({ message }) => message).join('; ') }
        : { status: 'ok', value: result.value };
    const result = this.#schema['~standard'].validate(value);
    return result instanceof Promise ? result.then(judge) : judge(result);
  }
}

/** A value that was not written because it can't be encoded. */
export function unencodable(key: string, cause: unknown): HotpathError {
  return new HotpathError(`the value of ${JSON.stringify(key)} can't be encoded for the shared tier`, {
    code: 'CODEC',
    cause,
  });
}
