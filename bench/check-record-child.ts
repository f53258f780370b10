// Child of bench:check: prints what recording costs beside a bare histogram, and when it is off beside the loop alone, as JSON.
import { contest, ratios } from '../src/cli/contest.js';
import { loadMonitor } from './monitor-subject.js';
import { checkCounts } from './record-counts.js';
import { bareHistograms, fasterFloor, HDR } from './record-floors.js';
import { EMPTY, OFF, OFF_NAMED, OURS, OURS_BOUND, ownRecorders } from './record-ours.js';
import { RECORDED, recordedMs } from './record-values.js';

const SLICE_MS = 200;

export interface RecordCheck {
  /** Ours by the faster bare histogram, one figure a round. */
  readonly ratios: Readonly<Record<string, readonly number[]>>;
  /** Nanoseconds that a value takes while off, less those of the loop, one figure a round. */
  readonly offNs: Readonly<Record<string, readonly number[]>>;
}

const rounds = Number(process.argv[2]);
const ms = recordedMs();
const own = ownRecorders(await loadMonitor(), ms);
const contestants = [
  ...own.filter(({ name }) => [EMPTY, OURS, OURS_BOUND, OFF, OFF_NAMED].includes(name)),
  ...bareHistograms(ms),
];
await checkCounts(contestants);
const entries = contestants.map(({ name, run }) => ({ name, operations: RECORDED, run }));
const times = await contest(entries, { rounds, sliceMs: SLICE_MS });
for (const contestant of own) await contestant.close?.();
const floor = fasterFloor(times);
const overLoop = (name: string): number[] => times.get(name)!.map((ns, round) => ns - times.get(EMPTY)![round]!);
const check: RecordCheck = {
  ratios: Object.fromEntries([OURS, OURS_BOUND].map((name) => [`${name} / ${HDR}`, ratios(times, name, floor)])),
  offNs: Object.fromEntries([OFF, OFF_NAMED].map((name) => [name, overLoop(name)])),
};
process.stdout.write(JSON.stringify(check));
