import { zipfStream } from '../questions/stream.ts';
import { uniqueQuestions } from '../questions/unique-questions.ts';

const STREAM_LENGTH = 10_000;
/** Every so manieth question was never asked before. */
const NEW_EVERY = 2;

/**
 * The questions of the demo without end: its Zipf stream, from the front again after 10,000, and in turn with it questions that nobody
 * has asked before or will ask again. So whatever is kept by key meets ever new keys.
 */
export function* traffic(seed: number): Generator<string, never> {
  const stream = zipfStream(STREAM_LENGTH, seed);
  const unique = uniqueQuestions(2_000).map(({ phrasings }) => phrasings[0] as string);
  for (let asked = 0; ; asked++) {
    const serial = Math.floor(asked / NEW_EVERY);
    if (asked % NEW_EVERY === 0) yield `${unique[serial % unique.length]} (${serial})`;
    else yield (stream[serial % STREAM_LENGTH] as (typeof stream)[number]).question;
  }
}

/** A question without the number that makes it new, and that number. */
export function serialOf(question: string): { readonly known: string; readonly serial: string | undefined } {
  const { known = question, serial } = /^(?<known>.*) \((?<serial>\d+)\)$/s.exec(question)?.groups ?? {};
  return { known, serial };
}
