import type { Clock } from '../core/clock.js';
import { describe, HotpathError } from '../core/errors.js';
import type { Trim } from './memory-events.js';
import type { MemoryLevel } from './memory-level.js';
import type { Registered } from './registered.js';

/** What trims are made with. */
export interface TrimmingParts {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What the process has in use: nobody can have freed more. */
  inUseBytes(): number;
  onTrim(trim: Trim): void;
  onTrouble(error: unknown, during: string): void;
}

const HUNG = Symbol('hung');
const SLACK_BYTES = 2 ** 20;

/**
 * Asks what is registered to give memory back, each for itself: what throws, hangs or answers nonsense is told, and the next is asked. What
 * answers at once is done at once, without a turn of the event loop: the caller may be out of memory in the next one.
 */
export class Trimming {
  readonly #parts: TrimmingParts;

  constructor(parts: TrimmingParts) {
    this.#parts = parts;
  }

  trim(registered: Registered, fraction: number, level: MemoryLevel): Trim | Promise<Trim> {
    const startedAt = this.#parts.clock.now();
    const end = (outcome: Trim['outcome'], freedBytes = 0): Trim => {
      const ms = Math.max(0, this.#parts.clock.now() - startedAt);
      const trim: Trim = { name: registered.name, level, fraction, freedBytes, ms, outcome };
      count(registered, trim);
      this.#parts.onTrim(trim);
      return trim;
    };
    if (registered.isBusy) return end('busy');
    registered.askedAt = startedAt;
    const most = this.#mostOf(registered);
    // While it runs too: it may ask for memory itself.
    registered.isBusy = true;
    try {
      const answer = registered.trim(fraction);
      if (isThenable(answer)) return this.#wait(registered, answer, most, end);
      registered.isBusy = false;
      return this.#answered(registered, answer, most, end);
    } catch (error) {
      registered.isBusy = false;
      return this.#failed(registered, error, end);
    }
  }

  /** Tells that it would have been asked, did the manager not only observe. */
  observed(registered: Registered, fraction: number, level: MemoryLevel): Trim {
    const trim: Trim = { name: registered.name, level, fraction, freedBytes: 0, ms: 0, outcome: 'observed' };
    registered.askedAt = this.#parts.clock.now();
    this.#parts.onTrim(trim);
    return trim;
  }

  async #wait(registered: Registered, answer: PromiseLike<unknown>, most: number, end: End): Promise<Trim> {
    const { clock, timeoutMs, onTrouble } = this.#parts;
    // Never rejects. A late answer is told when it comes.
    const settled = Promise.resolve(answer)
      .then((freed) => this.#answered(registered, freed, most, end))
      .catch((error: unknown) => this.#failed(registered, error, end))
      .finally(() => {
        registered.isBusy = false;
      });
    let cancel: (() => void) | undefined;
    const timeout = new Promise<typeof HUNG>((resolve) => {
      cancel = clock.setTimer(() => resolve(HUNG), timeoutMs);
    });
    const first = await Promise.race([settled, timeout]);
    cancel?.();
    if (first !== HUNG) return first;
    const message = `trim() of '${registered.name}' has not answered within ${timeoutMs} ms: it is not asked again until it does`;
    onTrouble(new HotpathError(message, { code: 'TRIM_HUNG' }), `a trim of '${registered.name}'`);
    return end('hung');
  }

  /** Estimates differ, and what it holds may have grown since; beyond this an answer is nonsense, and would keep others from being asked. */
  #mostOf({ bytes }: Registered): number {
    return bytes === undefined ? this.#parts.inUseBytes() : Math.max(2 * bytes, bytes + SLACK_BYTES);
  }

  #answered(registered: Registered, freed: unknown, most: number, end: End): Trim {
    if (typeof freed === 'number' && freed >= 0 && freed <= most) return end('freed', freed);
    const message = `trim() of '${registered.name}' has to answer with the bytes freed, from 0 to what it holds, and answered ${describe(freed)}`;
    this.#parts.onTrouble(new HotpathError(message, { code: 'TRIM_ANSWER' }), `a trim of '${registered.name}'`);
    return end('invalid');
  }

  #failed(registered: Registered, error: unknown, end: End): Trim {
    this.#parts.onTrouble(error, `a trim of '${registered.name}'`);
    return end('failed');
  }
}

type End = (outcome: Trim['outcome'], freedBytes?: number) => Trim;

function count({ totals }: Registered, { outcome, freedBytes, ms }: Trim): void {
  if (outcome === 'busy') return;
  if (outcome === 'hung') {
    totals.hangs++;
    return;
  }
  totals.trims++;
  totals.freedBytes += freedBytes;
  totals.ms += ms;
  if (outcome !== 'freed') totals.failures++;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
