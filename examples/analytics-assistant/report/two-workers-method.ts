import { allPhrasings, intents } from '../questions/question-set.ts';
import type { TwoWorkersSettings } from '../settings.ts';
import { BOUND_MS, COORDINATION, REDIS_BREAKER } from '../two-workers/tuning.ts';
import { LATENCY } from '../world/weather.ts';

/** What was run, in a sentence. */
export function twoWorkersSummary({ users, every, schedule }: TwoWorkersSettings): string {
  return (
    `${users} users in two worker processes ask over ${allPhrasings().length} phrasings of ${intents.length} intents ` +
    `(Zipf, s = 1.0) about ${(3_000_000 / every).toLocaleString('en-US')} real flights. Every ${schedule.changeEveryMs / 1_000} s worker A changes the data.`
  );
}

/** What the words in the tables mean. */
export function twoWorkersNotes({ users, thinkMs, scale, schedule, withTold }: TwoWorkersSettings): string[] {
  const { heartbeat, degradedTtl } = COORDINATION;
  return [
    `The stream of questions is split over two processes, ${users / 2} users each; a user asks again ${thinkMs} ms after an answer. Each process has ` +
      "a CacheManager of its own; they share a Redis of the demo's own. 'Memory only' is the whole run once more with `remote` left out.",
    `After ${schedule.beforeMs / 1_000} s Redis gets SIGSTOP: it takes connections and bytes and answers nothing. ${schedule.stoppedMs / 1_000} s later it gets SIGCONT.`,
    `Response times are as measured, with a model ${scale} times faster than in life (median ${LATENCY.medianMs / scale} ms, two calls a question): ` +
      "next to it hotpath's own deadlines (150 ms for a read) look larger than they are.",
    'A change of the data: worker A gives the data a new edition number, then calls `invalidateTags`. Every statement reads that number, so every ' +
      'answer says which edition it was made from, and all answers have to be made anew.',
    "Hit rate: requests that needed no model call of their own. Saved by the other worker's: results used here that were never loaded here, each counted once.",
    'Answers from before a change: in A, asked for after the call of `invalidateTags` (not after its end); no delay is allowed, Redis or no Redis. ' +
      `In B, asked for more than ${BOUND_MS} ms after it: three heartbeats of ${heartbeat} ms until it notices, degradedTtl (${degradedTtl} ms), and one heartbeat for slow timers (defaults: 1 s and 5 s). More is allowed only ` +
      `from SIGCONT until Redis has the invalidations that A kept for it: until A tries Redis again (here at most every ${REDIS_BREAKER.maxCooldown} ms, default 30 s).`,
    'Memory only: nobody tells B of a change. It goes on with old answers, which is why it makes fewer calls' +
      (withTold
        ? "; 'and told': the host sends B a message for each change, and every result is paid for twice."
        : '.'),
  ];
}
