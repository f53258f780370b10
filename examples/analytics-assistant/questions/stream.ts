import { type Asking, allPhrasings } from './question-set.ts';

/** An intent asked this often in the stream counts as frequently accessed data. */
export const FREQUENT = 5;

/**
 * The stream every column answers: `requests` askings, drawn with Zipf's law (s = 1.0) over all phrasings. The ranks and the
 * draws come from the seed, so the stream is the same in every run.
 */
export function zipfStream(requests: number, seed: number): Asking[] {
  const random = seededRandom(seed);
  const ranked = shuffled(allPhrasings(), random);
  const cumulative: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= ranked.length; rank++) {
    total += 1 / rank;
    cumulative.push(total);
  }
  return Array.from({ length: requests }, () => {
    const draw = random() * total;
    return ranked[cumulative.findIndex((edge) => draw < edge)] as Asking;
  });
}

/** The intents that are asked often in this stream. */
export function frequentIntents(stream: readonly Asking[]): Set<string> {
  const asked = new Map<string, number>();
  for (const { intent } of stream) asked.set(intent, (asked.get(intent) ?? 0) + 1);
  return new Set([...asked].filter(([, times]) => times >= FREQUENT).map(([intent]) => intent));
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}

/** mulberry32: a small seeded generator, enough for a stream of questions. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
