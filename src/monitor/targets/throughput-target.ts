import type { MonitorReader } from '../monitor-reader.js';
import { confidenceIn } from './confidence.js';
import { spanMs } from './counted-spans.js';
import { type DemandSpan, demandSpans } from './demand-spans.js';
import { withFailedShare } from './failed-share.js';
import { judgedSpans, perMinute } from './judged-spans.js';
import type { ThroughputTarget } from './target-options.js';
import type { Judgement } from './target-result.js';

type Reader = Pick<MonitorReader, 'operation' | 'coarseMs' | 'demand' | 'timeline' | 'stats' | 'attachments'>;

const MINUTE = 60_000;
/** Less of a span than this says nothing about a rate, unless there is nothing else. */
const LEAST_OF_A_SPAN = 0.1;
/** With less time judged than this, a figure says little. A window of a minute covers up to one slot less than that. */
const ENOUGH_MS = 0.9 * MINUTE;

/**
 * Whether the operation's requests were answered at the target rate in the spans of time in which at least as many were asked for.
 * A request that failed was not answered. An idle system has no verdict, and neither has one whose requests may just take long. What
 * waits in an attached queue counts as asked for now. `samples` are the requests that began, or that wait where none did.
 */
export function checkThroughput({ min, demand }: Required<ThroughputTarget>, reader: Reader): Judgement {
  const spans = demandSpans(reader, reader.operation);
  const queued = waiting(reader);
  const considered = withQueue(spans, queued).filter(
    ({ ms }) => ms > 0 && (spans.length === 1 || ms >= LEAST_OF_A_SPAN * spanMs(reader.coarseMs)),
  );
  const { demanded, judged, slow } = judgedSpans(considered, { min, demand });
  const fixed = { target: min, unit: 'perMinute', bound: 'min' } as const;
  const actual = answeredRate(judged);
  if (judged.length === 0 || (actual >= min && answeredRate([...judged, ...slow]) < min)) {
    return { met: null, ...fixed, ...withoutVerdict(spans, considered, demanded, queued) };
  }
  const ms = total(judged, (span) => span.ms);
  const samples = total(judged, ({ started, asked }) => (started > 0 ? started : asked));
  return { met: actual >= min, actual, ...fixed, samples, ...withFailed(judged, confidence(samples, ms)) };
}

/** Jobs that wait in attached queues. */
function waiting(reader: Reader): number {
  return total(reader.attachments(), ({ gauges }) => Math.max(0, gauges['queued'] ?? 0));
}

function withQueue(spans: readonly DemandSpan[], queued: number): readonly DemandSpan[] {
  return spans.map((span, i) => (i === spans.length - 1 ? { ...span, asked: span.asked + queued } : span));
}

function answeredRate(spans: readonly DemandSpan[]): number {
  const ms = total(spans, (span) => span.ms);
  return perMinute(
    total(spans, (span) => span.answered),
    ms,
  );
}

function withoutVerdict(
  spans: readonly DemandSpan[],
  considered: readonly DemandSpan[],
  demanded: readonly DemandSpan[],
  queued: number,
): Pick<Judgement, 'actual' | 'samples' | 'confidence' | 'reason'> {
  const ms = total(spans, (span) => span.ms);
  const samples = total(spans, (span) => span.ended);
  const nothing = samples === 0 && spans.every(({ asked }) => asked === 0);
  const answered = samples - total(spans, (span) => span.failed);
  const actual = nothing || ms === 0 ? null : perMinute(answered, ms);
  const reason = reasonOf(nothing && queued === 0, considered, demanded);
  return { actual, samples, ...withFailed(spans, { confidence: 'low', reason }) };
}

type Confidence = Pick<Judgement, 'confidence' | 'reason'>;

function withFailed(spans: readonly DemandSpan[], figure: Confidence): Confidence {
  const failed = total(spans, (span) => span.failed);
  return withFailedShare(
    figure,
    failed,
    total(spans, (span) => span.ended),
  );
}

function reasonOf(nothing: boolean, considered: readonly DemandSpan[], demanded: readonly DemandSpan[]): string {
  if (nothing) return 'nothing was asked for';
  if (demanded.length > 0 || considered.length === 0) return 'too early to tell: requests are under way';
  const most = Math.max(...considered.map((span) => perMinute(span.asked, span.ms)));
  if (most === 0) return 'nothing was asked for';
  return `only ${most < 10 ? Math.floor(most * 10) / 10 : Math.floor(most)} a minute were asked for`;
}

function confidence(samples: number, ms: number): Confidence {
  if (ms >= ENOUGH_MS) return confidenceIn(samples, 'request');
  return { confidence: 'low', reason: `judged by ${Math.round(ms / 1_000)} s only` };
}

function total<Item>(items: readonly Item[], figure: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + figure(item), 0);
}
