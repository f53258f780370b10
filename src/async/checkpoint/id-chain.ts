import { createHash, type Hash } from 'node:crypto';

/** Characters that are gathered before they are hashed: one call of the hash costs as much as some hundreds of them. */
const GATHERED = 8_192;

/**
 * SHA-256 over a sequence of ids. Each is hashed behind its length, so that no two sequences read the same. Its memory does not
 * grow with them.
 */
export class IdChain {
  readonly #hash: Hash;
  #gathered = '';
  /** How many ids it is over. */
  length = 0;

  constructor(hash: Hash = createHash('sha256')) {
    this.#hash = hash;
  }

  add(id: string): void {
    this.#gathered += `${id.length}:${id}`;
    this.length++;
    if (this.#gathered.length >= GATHERED) this.#flush();
  }

  /** As hex, of all ids so far. */
  digest(): string {
    this.#flush();
    return this.#hash.copy().digest('hex');
  }

  /** Another one over the same ids, which goes on by itself. */
  copy(): IdChain {
    this.#flush();
    const copy = new IdChain(this.#hash.copy());
    copy.length = this.length;
    return copy;
  }

  #flush(): void {
    if (this.#gathered === '') return;
    this.#hash.update(this.#gathered);
    this.#gathered = '';
  }
}
