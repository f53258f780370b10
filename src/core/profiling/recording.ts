import type { Session } from 'node:inspector/promises';
import { HotpathError } from '../errors.js';
import type { CpuProfile } from './cpu-profile.js';
import type { HeapProfile } from './heap-profile.js';

/** What the profiler gave, not yet read. */
export type RecordedProfile =
  | { readonly kind: 'cpu'; readonly profile: CpuProfile }
  | { readonly kind: 'heap'; readonly profile: HeapProfile };

/** A profiler at work. */
export interface Recording {
  stop(): Promise<RecordedProfile>;
  /** Ends it, whatever state it is in. May be called twice. */
  disconnect(): void;
}

/** How often samples are taken. */
export interface ProfileSampling {
  /** Time between two samples of the stack. */
  readonly samplingMicros: number;
  /** Mean of the bytes allocated between two samples of the heap. */
  readonly heapSamplingBytes: number;
}

/**
 * Starts V8's profiler in this thread.
 *
 * @throws HotpathError codes `DEBUGGER_ATTACHED` when the inspector listens for one: its pauses would be in the profile, and the
 *   profiler may be in use; `NO_INSPECTOR` for a Node built without it
 */
export async function startRecording(kind: 'cpu' | 'heap', sampling: ProfileSampling): Promise<Recording> {
  const inspector = await loadInspector();
  if (inspector.url() !== undefined) {
    throw new HotpathError('no profile is taken while the inspector listens for a debugger', {
      code: 'DEBUGGER_ATTACHED',
    });
  }
  const session = new inspector.Session();
  session.connect();
  try {
    return await (kind === 'cpu' ? startCpu(session, sampling) : startHeap(session, sampling));
  } catch (error) {
    session.disconnect();
    throw error;
  }
}

async function startCpu(session: Session, { samplingMicros }: ProfileSampling): Promise<Recording> {
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: samplingMicros });
  await session.post('Profiler.start');
  return {
    stop: async () => ({ kind: 'cpu', profile: (await session.post('Profiler.stop')).profile }),
    disconnect: () => session.disconnect(),
  };
}

async function startHeap(session: Session, { heapSamplingBytes }: ProfileSampling): Promise<Recording> {
  await session.post('HeapProfiler.startSampling', { samplingInterval: heapSamplingBytes });
  return {
    stop: async () => ({ kind: 'heap', profile: (await session.post('HeapProfiler.stopSampling')).profile }),
    disconnect: () => session.disconnect(),
  };
}

async function loadInspector(): Promise<typeof import('node:inspector/promises')> {
  try {
    return await import('node:inspector/promises');
  } catch (error) {
    throw new HotpathError('profiles need a Node that is built with its inspector', {
      code: 'NO_INSPECTOR',
      cause: error,
    });
  }
}
