import { InvalidOptionError } from '../../core/errors.js';

/**
 * What an item counts for.
 *
 * @throws InvalidOptionError where `tokens` answers with no such number, and whatever it throws itself
 */
export function tokensOf<Item>(tokens: ((item: Item) => number) | undefined, item: Item): number {
  if (tokens === undefined) return 0;
  const count: unknown = tokens(item);
  if (typeof count === 'number' && count >= 0 && count < Number.POSITIVE_INFINITY) return count;
  throw new InvalidOptionError('the result of tokens', 'a finite number >= 0', count);
}
