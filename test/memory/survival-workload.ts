import { createHash } from 'node:crypto';
import { SeededRandom } from '../random.js';

/** How much there is to do. */
export interface Workload {
  readonly requests: number;
  /** What an answer mostly is: rows on V8's heap, or buffers outside of it with a text beside each. */
  readonly kind: 'rows' | 'buffers';
}

/** What a request is answered with. */
export interface Answer {
  readonly rows: readonly { readonly id: number; readonly name: string; readonly amount: number }[];
  readonly text: string;
  readonly bytes?: Uint8Array;
}

const SEED = 20_251;
/** This part of the requests asks for what was asked for before. */
const REVISITS = 0.25;
/** One load of so many takes a millisecond, the others a turn of the event loop. */
const SLOW = { rows: 8, buffers: 2 } as const;
const ROWS = { rows: 40, buffers: 4 } as const;
const TEXT_CHARACTERS = { rows: 40_000, buffers: 8_000 } as const;
const BUFFER_BYTES = 128 * 1024;

/** The keys of a workload, the same each time. */
export function* keysOf({ requests }: Workload): Generator<number> {
  const random = new SeededRandom(SEED);
  let next = 0;
  for (let i = 0; i < requests; i++) yield next > 0 && random.chance(REVISITS) ? random.below(next) : next++;
}

/** Waits, as a query does. */
export async function load(key: number, { kind }: Workload): Promise<Answer> {
  await new Promise((resolve) => (key % SLOW[kind] === 0 ? setTimeout(resolve, 1) : setImmediate(resolve)));
  const rows = Array.from({ length: ROWS[kind] }, (_, i) => ({
    id: key * 1_000 + i,
    name: `row ${i} of ${key}`,
    amount: key * 0.5 + i,
  }));
  const text = Buffer.alloc(TEXT_CHARACTERS[kind], `answer ${key} `).toString('latin1');
  return kind === 'rows' ? { rows, text } : { rows, text, bytes: Buffer.alloc(BUFFER_BYTES, key % 251) };
}

/** A digest of all answers in their order. */
export class AnswerDigest {
  readonly #hash = createHash('sha1');

  add({ rows, text, bytes }: Answer): void {
    for (const { id, name, amount } of rows) this.#hash.update(`${id} ${name} ${amount}\n`);
    this.#hash.update(text);
    if (bytes) this.#hash.update(bytes);
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}
