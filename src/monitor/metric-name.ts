import { InvalidOptionError } from '../core/errors.js';

const LONGEST = 200;

/** @throws InvalidOptionError unless it is a text of 1 to 200 characters */
export function checkMetricName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '' || name.length > LONGEST) {
    throw new InvalidOptionError('name', `a string of 1 to ${LONGEST} characters`, name);
  }
}
