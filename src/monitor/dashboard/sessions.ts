import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.js';

const LONGEST_MS = 12 * 3_600_000;
const MOST_SESSIONS = 100;

/** How long a session lasts, for the cookie that holds it. */
export const SESSION_SECONDS: number = LONGEST_MS / 1_000;

/** Browsers that have shown the token: a random id each, kept as its hash, for 12 hours. The 101st ends the oldest. */
export class Sessions {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The id of a new session. */
  open(): string {
    const id = randomBytes(32).toString('base64url');
    if (this.#until.size >= MOST_SESSIONS) {
      const [oldest] = this.#until.keys();
      this.#until.delete(oldest!);
    }
    this.#until.set(hashed(id), this.#clock.now() + LONGEST_MS);
    return id;
  }

  has(id: string): boolean {
    // Looked up by its hash: how long that takes says nothing of the ids that there are.
    const key = hashed(id);
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (this.#clock.now() < until) return true;
    this.#until.delete(key);
    return false;
  }

  clear(): void {
    this.#until.clear();
  }
}

function hashed(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
