import { InvalidOptionError } from '../core/errors.js';
import type { Source } from './source.js';

/** A source that is being iterated over. */
export type OpenSource<Item> =
  | { readonly isAsync: false; readonly iterator: Iterator<Item> }
  | { readonly isAsync: true; readonly iterator: AsyncIterator<Item> };

/** @throws InvalidOptionError for what cannot be iterated over; whatever the source throws when it is opened */
export function openSource<Item>(items: Source<Item>): OpenSource<Item> {
  if (typeof items === 'object' && items !== null) {
    if (Symbol.asyncIterator in items) return { isAsync: true, iterator: items[Symbol.asyncIterator]() };
    if (Symbol.iterator in items) return { isAsync: false, iterator: items[Symbol.iterator]() };
  }
  // A text can be iterated over too, letter by letter, which nobody means.
  throw new InvalidOptionError('items', 'an iterable or an async iterable', items);
}
