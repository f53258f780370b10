/** What a batch is made of: arrays, sets, generators, streams, anything that can be iterated over, also without end. */
export type Source<Item> = Iterable<Item> | AsyncIterable<Item>;
