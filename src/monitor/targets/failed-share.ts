import type { TargetResult } from './target-result.js';

/** A smaller share is not worth a word. */
const NOTICEABLE = 0.01;

type Confidence = Pick<TargetResult, 'confidence' | 'reason'>;

/** Says as well how many of the requests that ended have failed, where it is noticeable. Never rounded up to all. */
export function withFailedShare({ confidence, reason }: Confidence, failed: number, ended: number): Confidence {
  const share = failed > 0 && failed >= NOTICEABLE * ended ? shareOf(failed, ended) : undefined;
  const reasons = [reason, share].filter((each) => each !== undefined);
  return reasons.length === 0 ? { confidence } : { confidence, reason: reasons.join('; ') };
}

function shareOf(failed: number, ended: number): string {
  return failed === ended ? 'all of them failed' : `${Math.floor((100 * failed) / ended)} % of them failed`;
}
