import { InvalidOptionError } from '../core/errors.js';
import type { RemainingItem } from './checkpoint/remaining-items.js';
import type { Source } from './source.js';

/**
 * Items with their places in the input: sync of a sync source, async of an async one. Ending it ends the source.
 *
 * @throws InvalidOptionError for what cannot be iterated over
 */
export function indexedItems<Item>(items: Source<Item>): Source<RemainingItem<Item>> {
  if (typeof items !== 'object' || items === null || !(Symbol.asyncIterator in items || Symbol.iterator in items))
    throw new InvalidOptionError('items', 'an iterable or an async iterable', items);
  return Symbol.asyncIterator in items ? indexedAsync(items) : indexedSync(items);
}

function* indexedSync<Item>(items: Iterable<Item>): Generator<RemainingItem<Item>, void, undefined> {
  let index = 0;
  for (const item of items) yield { item, index: index++ };
}

async function* indexedAsync<Item>(items: AsyncIterable<Item>): AsyncGenerator<RemainingItem<Item>, void, undefined> {
  let index = 0;
  for await (const item of items) yield { item, index: index++ };
}
