import { InvalidOptionError } from '../core/errors.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { checkTrimmable, type RegisterOptions, type Trimmable } from './trimmable.js';

/** Totals of something registered. */
export interface TrimTotals {
  trims: number;
  freedBytes: number;
  failures: number;
  hangs: number;
  ms: number;
}

/** Something registered, with what is known of it. */
export class Registered {
  readonly name: string;
  readonly priority: number;
  readonly totals: TrimTotals = { trims: 0, freedBytes: 0, failures: 0, hangs: 0, ms: 0 };
  /** An earlier trim has not answered yet. */
  isBusy = false;
  /** When it was asked last. */
  askedAt: number = Number.NEGATIVE_INFINITY;
  readonly #trimmable: Trimmable;
  readonly #onTrouble: (error: unknown, during: string) => void;
  #savedBefore: number | undefined;
  #savedMark: number | undefined;

  /** @throws InvalidOptionError */
  constructor(
    name: string,
    trimmable: Trimmable,
    options: RegisterOptions,
    onTrouble: (error: unknown, during: string) => void,
  ) {
    checkOptions('options', options);
    checkNames('', options, ['priority']);
    const { priority = 0 } = options;
    if (!Number.isFinite(priority)) throw new InvalidOptionError('priority', 'a number', priority);
    this.name = name;
    this.priority = priority;
    this.#trimmable = checkTrimmable(trimmable);
    this.#onTrouble = onTrouble;
    this.#savedMark = this.#figure('savedMs');
  }

  /** Bytes that it says it holds; `undefined` where it does not say. */
  get bytes(): number | undefined {
    return this.#figure('bytes');
  }

  /** Milliseconds that its contents have saved for each byte, over the last minute or two; `undefined` where it does not say. */
  get worth(): number | undefined {
    const saved = this.#figure('savedMs');
    const before = this.#savedBefore ?? this.#savedMark;
    if (saved === undefined || before === undefined) return undefined;
    return Math.max(0, saved - before) / Math.max(1, this.bytes ?? 1);
  }

  /** Called at equal times for all that is registered, so that what they have saved is over the same time. */
  mark(): void {
    this.#savedBefore = this.#savedMark;
    this.#savedMark = this.#figure('savedMs');
  }

  trim(fraction: number): unknown {
    return this.#trimmable.trim(fraction);
  }

  #figure(figure: 'bytes' | 'savedMs'): number | undefined {
    try {
      const value: unknown = this.#trimmable[figure];
      return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
    } catch (error) {
      this.#onTrouble(error, `${figure} of '${this.name}'`);
      return undefined;
    }
  }
}
