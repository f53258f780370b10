import type { TargetResult } from './target-result.js';

/** With fewer values a figure says little: of 19, less than one is to be expected above their 95th percentile. */
const ENOUGH = 20;

/** How far a figure from this many values can be relied on, and why no further. */
export function confidenceIn(samples: number, what: string): Pick<TargetResult, 'confidence' | 'reason'> {
  if (samples >= ENOUGH) return { confidence: 'high' };
  return { confidence: 'low', reason: `judged by ${samples} ${what}${samples === 1 ? '' : 's'} only` };
}
