// The goal of the strategy document, "3x+ improvement in batch operations": for what waits, for what is limited, for what computes.
import { median } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import type { RateTimes, WaitTimes } from './async-goal/batch-times.js';
import type { GoalRound } from './async-goal/child.js';
import { plainChild } from './plain-child.js';
import { publish } from './publish.js';

const HERE = new URL('.', import.meta.url).href;

await publish(async ({ quick }): Promise<Report> => {
  const child = await plainChild('./async-goal/child.ts');
  try {
    const rounds: GoalRound[] = [];
    for (let round = 0; round < (quick ? 1 : 5); round++)
      rounds.push((await child.run(HERE, 'batches', quick ? '100' : '400')) as GoalRound);
    return report(rounds, (await child.run(HERE, 'rate', quick ? '3' : '10')) as RateTimes);
  } finally {
    child.remove();
  }
});

function report(rounds: readonly GoalRound[], rate: RateTimes): Report {
  const of = (figure: (round: GoalRound) => number): number => median(rounds.map(figure));
  const waits = (pick: (round: GoalRound) => WaitTimes) => {
    const { items, slots } = pick(rounds[0]!);
    return {
      batch: `${items.toLocaleString('en-US')} calls of 100 ms, ${slots} at once`,
      'loop, s': of((round) => pick(round).sequentialMs) / 1_000,
      'least possible, s': pick(rounds[0]!).limitMs / 1_000,
      'hotpath, s': of((round) => pick(round).oursMs) / 1_000,
      'times faster than the loop': of((round) => pick(round).sequentialMs / pick(round).oursMs),
      'share of the possible': of((round) => pick(round).limitMs / pick(round).oursMs),
      'p-map, s': of((round) => pick(round).pMapMs) / 1_000,
    };
  };
  const { items, threads } = rounds[0]!.busy;
  const few = waits((round) => round.few);
  const many = waits((round) => round.many);
  const busy = of((round) => round.busy.sequentialMs / round.busy.oursMs);
  const itemMs = of((round) => round.busy.itemMs);
  const { sequentialItems } = rounds[0]!.many;
  return {
    title: 'Batches beside a loop',
    about:
      'What waits for somebody else (a timer of 100 ms), by `process`: the loop awaits one call after the other; the least possible is ceil(items / slots) calls in a row. ' +
      `The loop over 1,000 is not waited for: its time is 50 times that of ${sequentialItems}, measured in the same round. ` +
      `What keeps a core busy, by \`runInWorkers\` on ${threads} threads, their start included; the least possible is the loop's time by ${threads}, with ${threads} cores for this process alone. ` +
      `Medians of ${rounds.length} rounds, each in a process of its own; results checked equal. Beside it p-map, as to wait at once is no art of ours, and as many bare threads, each given its share at its start: what the machine had to give at the time.`,
    rows: [
      few,
      many,
      {
        batch: `${items} items of ${itemMs.toFixed(1)} ms of computing, ${threads} threads`,
        'loop, s': of((round) => round.busy.sequentialMs) / 1_000,
        'least possible, s': of((round) => round.busy.sequentialMs) / 1_000 / threads,
        'hotpath, s': of((round) => round.busy.oursMs) / 1_000,
        'times faster than the loop': busy,
        'share of the possible': busy / threads,
        'bare threads, s': of((round) => round.busy.bareMs) / 1_000,
      },
    ],
    figures: {
      fewTimesFaster: few['times faster than the loop'],
      fewShare: few['share of the possible'],
      manyTimesFaster: many['times faster than the loop'],
      manyShare: many['share of the possible'],
      busyTimesFaster: busy,
      busyByBareThreads: of((round) => round.busy.oursMs / round.busy.bareMs),
      rateAchieved: rate.achieved,
      rateMost: rate.most,
      rateAllowed: rate.allowed,
    },
    notes: [
      `Under a rate limit of ${rate.allowed} calls in ${rate.windowMs / 1_000} s: ${rate.starts.toLocaleString('en-US')} calls in ${(rate.spanMs / 1_000).toFixed(2)} s, ` +
        `after the first ${rate.allowed} at ${rate.achieved.toFixed(4)} of the rate allowed; the fullest of all sliding windows held ${rate.most}; ${rate.allowed + 1} calls began within ${rate.shortestMs.toFixed(1)} ms at the least (moments noted by the calls themselves, checked exactly).`,
    ],
  };
}
