import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Metadata } from '../../src/monitor/exemplar.js';
import type { ProfileOptions } from '../../src/monitor/profiling/profile-options.js';
import { type ProfileCallOptions, type ProfileResult, Profiler } from '../../src/monitor/profiling/profiler.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

type Told = 'start' | 'end' | 'trouble';

/** A profiler on a manual clock that remembers what it told. */
export class ProfilerUnderTest {
  readonly marks: Metadata[] = [];
  readonly troubles: { error: unknown; during: string }[] = [];
  readonly clock: ManualClock;
  readonly directory: string;
  readonly profiler: Profiler;
  #waiting: { what: Told; resolve: () => void }[] = [];

  constructor(directory: string, options: ProfileOptions = {}, clock: ManualClock = new ManualClock()) {
    this.directory = directory;
    this.clock = clock;
    this.profiler = new Profiler({
      options: { directory, ...options },
      clock,
      onMark: (name, metadata) => {
        this.marks.push({ name, ...metadata });
        this.#tell(metadata['phase'] === 'start' ? 'start' : 'end');
      },
      onTrouble: (error, during) => {
        this.troubles.push({ error, during });
        this.#tell('trouble');
      },
    });
  }

  /** Resolves when the next profile has begun or ended, or the next trouble was told. Ask before you cause it. */
  next(what: Told): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ what, resolve }));
  }

  /** Asks for a profile, and resolves when it has begun. Move the clock to end it. */
  async begin(ms: number, options?: ProfileCallOptions): Promise<{ result: Promise<ProfileResult> }> {
    const begun = this.next('start');
    const result = this.profiler.profile(ms, options);
    await begun;
    return { result };
  }

  /** Reports a breach that is to start a profile, and resolves when it has begun. */
  async breach(reason: string, kind: 'cpu' | 'heap' = 'cpu'): Promise<void> {
    const begun = this.next('start');
    this.profiler.breach(reason, kind);
    await begun;
  }

  /** Moves the clock so that the profile under way ends, and resolves when it has. */
  async finish(ms: number): Promise<void> {
    const ended = this.next('end');
    this.clock.advance(ms);
    await ended;
    await flushMicrotasks();
  }

  files(): Promise<string[]> {
    return readdir(this.directory);
  }

  #tell(what: Told): void {
    const [now, later] = [this.#waiting.filter((w) => w.what === what), this.#waiting.filter((w) => w.what !== what)];
    this.#waiting = later;
    for (const { resolve } of now) resolve();
  }
}

/** A folder for a test, and how to be rid of it. */
export async function profileFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'profiler-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Counts the inspector's sessions that were connected, and those of them that still are. */
export function watchSessions(): () => { connected: number; open: number } {
  const connect = vi.spyOn(Session.prototype, 'connect').mock;
  const disconnect = vi.spyOn(Session.prototype, 'disconnect').mock;
  return () => {
    const open = new Set(connect.contexts);
    for (const session of disconnect.contexts) open.delete(session);
    return { connected: connect.contexts.length, open: open.size };
  };
}
