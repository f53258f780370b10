import { InvalidOptionError } from '../core/errors.js';
import { kindOnly, noSuchOption } from '../core/option-names.js';
import type { TimerEnd } from './timer.js';

const NAMES: readonly string[] = ['error', 'cache', 'labels'];
const MOST_TOLD = 100;

/**
 * Looks at what timers are ended with. By then the request is done, and an exception would spoil it: what is wrong is reported
 * instead, once for each timer, and the rest counts.
 */
export class EndCheck {
  readonly #onTrouble: (error: unknown, during: string) => void;
  readonly #told = new Set<string>();

  constructor(onTrouble: (error: unknown, during: string) => void) {
    this.#onTrouble = onTrouble;
  }

  check(timer: string, end: TimerEnd): void {
    // Handed over as it is, an error would pass for a success.
    if (typeof end !== 'object' || end instanceof Error) {
      const shown = end instanceof Error ? end : kindOnly(end);
      this.#tell(timer, 'end', () => new InvalidOptionError('end', 'an object, as in { error }', shown));
      return;
    }
    for (const name in end) {
      if (name === 'error' || name === 'labels') continue;
      const value = end[name as keyof TimerEnd];
      if (value === undefined) continue;
      if (name !== 'cache') {
        // Not the value: it may be anything of the request's.
        this.#tell(timer, name, () => noSuchOption(name, value, NAMES, { show: kindOnly }));
      } else if (value !== 'hit' && value !== 'miss') {
        this.#tell(timer, name, () => new InvalidOptionError('cache', "'hit' or 'miss'", value));
      }
    }
  }

  #tell(timer: string, option: string, error: () => InvalidOptionError): void {
    const told = `${option} of ${timer}`;
    if (this.#told.has(told) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(told);
    this.#onTrouble(error(), `the end of timer ${JSON.stringify(timer)}`);
  }
}
