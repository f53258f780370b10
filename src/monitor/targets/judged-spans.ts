import type { DemandSpan } from './demand-spans.js';
import type { ThroughputTarget } from './target-options.js';

/** Spans by what they tell of a throughput target. */
export interface JudgedSpans {
  /** In which enough was asked for to be judged. */
  readonly demanded: readonly DemandSpan[];
  /** Of those, the ones that can be judged. */
  readonly judged: readonly DemandSpan[];
  /**
   * Spans after judged ones, of the same time of demand, in which fewer were answered, perhaps because answers take long. They prove
   * no miss; but a target that is met in the others only is not shown to be met.
   */
  readonly slow: readonly DemandSpan[];
}

const MINUTE = 60_000;

/** @param spans - oldest first, the one under way last */
export function judgedSpans(spans: readonly DemandSpan[], { min, demand }: Required<ThroughputTarget>): JudgedSpans {
  const demanded: DemandSpan[] = [];
  const judged: DemandSpan[] = [];
  const slow: DemandSpan[] = [];
  let hasBegun = false;
  for (const [i, span] of spans.entries()) {
    if (demand === 'always' ? span.asked === 0 : perMinute(span.asked, span.ms) < min) {
      hasBegun = false;
      continue;
    }
    demanded.push(span);
    if (isJudged(span, min)) {
      judged.push(i < spans.length - 1 && perMinute(span.answered, span.ms) < min ? atMost(span) : span);
      hasBegun = true;
    } else if (hasBegun && i < spans.length - 2) slow.push(span);
  }
  return { demanded, judged, slow };
}

export function perMinute(count: number, ms: number): number {
  return (count * MINUTE) / ms;
}

/** Not where what is under way makes the difference. */
function isJudged({ answered, undecided, ms, isTentative }: DemandSpan, min: number): boolean {
  if (perMinute(answered, ms) >= min) return !isTentative;
  return perMinute(answered + undecided, ms) < min;
}

/** What falls short even so is not made out to be worse than it was. */
function atMost(span: DemandSpan): DemandSpan {
  return { ...span, answered: span.answered + span.undecided };
}
