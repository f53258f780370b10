import { HotpathError } from '../core/errors.js';

/** What a call is answered with that asks a closed monitor for something new: `no alert is added: the monitor is closed`. */
export function closedError(consequence: string): HotpathError {
  return new HotpathError(`${consequence}: the monitor is closed`, { code: 'CLOSED' });
}
