import type { Clock } from '../../core/clock.js';
import { HotpathError } from '../../core/errors.js';
import { heapStacks } from '../../core/profiling/heap-profile.js';
import { foldersOfProcess } from '../../core/profiling/hidden-folders.js';
import { takeProfileTurn } from '../../core/profiling/profile-turn.js';
import { profileWait } from '../../core/profiling/profile-wait.js';
import { type RecordedProfile, startRecording } from '../../core/profiling/recording.js';
import { topFunctions } from '../../core/profiling/stack-tree.js';
import type { LeakProfile } from './leak-report.js';

/** What a profile is taken with. */
export interface LeakProfileParts {
  readonly clock: Clock;
  readonly ms: number;
  /** Ends it at once, without a collection. */
  readonly end: AbortSignal;
  /** Runs what ends it: that collects the whole heap, and stops the thread meanwhile. */
  collecting(stop: () => Promise<RecordedProfile>): Promise<RecordedProfile>;
}

const MOST_SUSPECTS = 10;
/** Mean of the bytes between two samples: V8's own default, which costs nothing to be seen. */
const SAMPLING = { samplingMicros: 1_000, heapSamplingBytes: 32_768 };

/**
 * Samples what is allocated for a while, and says where what is left of it comes from. Sampling costs next to nothing; at the end V8 collects the
 * whole heap, to know what is left, and stops the thread for it: some 100 ms for a heap of 100 Mb. No option of V8's inspector forgoes
 * that. The process is not kept alive for it.
 *
 * @returns `undefined` when it was ended
 * @throws HotpathError codes `PROFILE_RUNNING` while another profile runs in the thread, `DEBUGGER_ATTACHED`, `NO_INSPECTOR`
 */
export async function takeLeakProfile(parts: LeakProfileParts): Promise<LeakProfile | undefined> {
  const { clock, ms, end, collecting } = parts;
  const giveBack = takeProfileTurn();
  if (!giveBack) {
    const message = 'no heap profile is taken of a leak: another profile is under way in this thread';
    throw new HotpathError(message, { code: 'PROFILE_RUNNING' });
  }
  try {
    const recording = await startRecording('heap', SAMPLING);
    try {
      const startedAt = clock.now();
      await profileWait(clock, ms, end, undefined);
      if (end.aborted) return undefined;
      const took = clock.now() - startedAt;
      const recorded = await collecting(() => recording.stop());
      return recorded.kind === 'heap' && !end.aborted ? readSuspects(heapStacks(recorded.profile), took) : undefined;
    } finally {
      recording.disconnect();
    }
  } finally {
    giveBack();
  }
}

function readSuspects(stacks: ReturnType<typeof heapStacks>, ms: number): LeakProfile {
  const rows = topFunctions(stacks, 1, foldersOfProcess());
  return {
    suspects: rows.slice(0, MOST_SUSPECTS).map(({ name, location, self }) => ({ name, place: location, bytes: self })),
    ms,
    totalBytes: stacks.reduce((sum, { self }) => sum + self, 0),
  };
}
