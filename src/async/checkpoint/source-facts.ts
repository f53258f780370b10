import { ITEMS_PER_TURN, nextTurn } from '../next-turn.js';
import type { Source } from '../source.js';
import { totalOf } from '../total-of.js';
import { IdChain } from './id-chain.js';

/** What can be known of a source before it is worked through. */
export interface SourceFacts {
  /** The digest and number of all its ids, in one text. */
  readonly digest: string;
  /** Over the ids before the watermark; `undefined` where there are not so many. */
  readonly chain: IdChain | undefined;
}

const SHAPE = /^sha256:[0-9a-f]{64}\/\d+$/;

/** Whether a text is the digest of a source, not one that its owner gave it. */
export function isSourceDigest(text: string): boolean {
  return SHAPE.test(text);
}

/** Reads the ids of arrays, sets and maps; `undefined` for sources that can be read but once. Others get their turn meanwhile. */
export async function sourceFacts<Item>(
  source: Source<Item>,
  idOf: (item: Item, index: number) => string,
  watermark: number,
): Promise<SourceFacts | undefined> {
  if (totalOf(source) === undefined) return undefined;
  const all = new IdChain();
  let chain = watermark === 0 ? all.copy() : undefined;
  for (const item of source as Iterable<Item>) {
    all.add(idOf(item, all.length));
    if (all.length === watermark) chain = all.copy();
    if (all.length % ITEMS_PER_TURN === 0) await nextTurn();
  }
  return { digest: `sha256:${all.digest()}/${all.length}`, chain };
}
