import type { RecordContestant } from './record-contestant.js';
import { OFF, OFF_NAMED } from './record-ours.js';
import { RECORDED } from './record-values.js';

/** Everybody has recorded every value, and what is off none. */
export async function checkCounts(contestants: readonly RecordContestant[]): Promise<void> {
  for (const contestant of contestants) {
    contestant.run();
    const expected = contestant.name === OFF || contestant.name === OFF_NAMED ? 0 : RECORDED;
    const count = await contestant.count();
    if (count !== expected) throw new Error(`${contestant.name} counted ${count} of ${RECORDED} values.`);
  }
}
