import { fileURLToPath } from 'node:url';
import { build } from 'hdr-histogram-js';
import { median, type RoundTimes } from '../src/cli/contest.js';
import { packagesOf } from '../src/cli/package-source.js';
import type { RecordContestant } from './record-contestant.js';
import { wholeMicroseconds } from './record-values.js';

export const HDR = 'hdr-histogram-js';
const RANGE = { lowestDiscernibleValue: 1, highestTrackableValue: 3.6e9 } as const;
const FLOORS = {
  [`${HDR}, 2 digits`]: { bitBucketSize: 32, ...RANGE, numberOfSignificantValueDigits: 2 },
  [`${HDR}, default`]: { bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 },
} as const;

/** Histograms and nothing around them. They take integers and get whole microseconds, made beforehand. */
export function bareHistograms(ms: Float64Array): RecordContestant[] {
  const us = wholeMicroseconds(ms);
  const packages = packagesOf(fileURLToPath(new URL('.', import.meta.url)));
  return Object.entries(FLOORS).map(([name, options]) => {
    const histogram = build(options);
    return {
      name,
      version: packages.version(HDR),
      run: () => {
        for (let i = 0; i < us.length; i++) histogram.recordValue(us[i]!);
      },
      count: () => histogram.totalCount,
    };
  });
}

/** The name of the bare histogram that ours is judged by: the faster one of the run. */
export function fasterFloor(times: RoundTimes): string {
  const at = (name: string): number => median(times.get(name)!);
  return Object.keys(FLOORS).reduce((least, name) => (at(name) < at(least) ? name : least));
}
