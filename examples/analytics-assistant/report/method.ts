import type { Asking } from '../questions/question-set.ts';
import { allPhrasings, intents } from '../questions/question-set.ts';
import { FREQUENT, frequentIntents } from '../questions/stream.ts';
import { settings } from '../settings.ts';
import { LATENCY, RATE_LIMIT } from '../world/weather.ts';

/** What was run, in a sentence or two. */
export function summary(stream: readonly Asking[]): string {
  const { users } = settings();
  const asked = new Set(stream.map(({ question }) => question)).size;
  return (
    `${stream.length} requests by ${users} users over ${allPhrasings().length} phrasings of ${intents.length} intents, ` +
    `English and Korean (Zipf, s = 1.0; ${asked} phrasings come up), on 300,000 real flights of 2001 in PostgreSQL (PGlite).`
  );
}

/** What is simulated, what is measured, and what the words in the tables mean. */
export function methodNotes(stream: readonly Asking[]): string[] {
  const { users, scale } = settings();
  const frequent = frequentIntents(stream);
  const requests = stream.filter(({ intent }) => frequent.has(intent)).length;
  const ceiling = requests === 0 ? 0 : (100 * (requests - frequent.size)) / requests;
  return [
    `The model is simulated (log-normal, median ${LATENCY.medianMs} ms, P95 ${LATENCY.p95Ms} ms, two calls a question, ` +
      `${RATE_LIMIT.share * 100} % of first attempts refused with 429); its latency follows from seed, request text and attempt, so it is the same in every column.`,
    `While the demo runs, model latency is divided by ${scale}. Response times are unscaled: model time in full, everything else ` +
      '(SQL, HTTP, client code) as measured. Waiting for the one database connection is left out in every column.',
    `Requests per minute: ${users} users, each asking again at once, at the mean response time.`,
    `Hit: a request for a frequent intent (asked at least ${FREQUENT} times) that needed no model call of its own; the first asking of each is a miss. ` +
      `${frequent.size} intents are frequent, with ${requests} requests: at most ${ceiling.toFixed(1)} % can be hits. An exact cache misses every new phrasing.`,
    'Refused calls are tried again by the client itself; in the columns with async by the AsyncProcessor, which holds back the other calls too for as long ' +
      'as the model asked for. That time is counted in full, although these refusals are drawn call by call and the pause gains nothing.',
    'Each module alone runs over the first fifth of the stream, so that the whole demo takes no more than a minute and a half.',
    `CPU and memory are those of the client process (heap limit 512 MB) at the scaled pace, at which model waits are ${scale} times shorter than in life.`,
  ];
}
