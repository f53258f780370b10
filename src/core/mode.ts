import { InvalidOptionError } from './errors.js';

/**
 * What a class or wrapper does with a call: `on` all of its work; `off` straight through, nothing counted; `observe` the
 * book-keeping of `on` while it serves and changes nothing.
 */
export type Mode = 'on' | 'off' | 'observe';

/** @throws InvalidOptionError when it is none of the three */
export function checkMode(value: unknown): Mode {
  if (value === 'on' || value === 'off' || value === 'observe') return value;
  throw new InvalidOptionError('mode', "'on', 'off' or 'observe'", value);
}
