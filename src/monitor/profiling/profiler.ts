import type { Clock } from '../../core/clock.js';
import { type Duration, toMs } from '../../core/duration.js';
import { HotpathError, InvalidOptionError } from '../../core/errors.js';
import { keepAlive } from '../../core/keep-alive.js';
import { type Closeable, closeOnce } from '../../core/lifecycle.js';
import { foldersOfProcess } from '../../core/profiling/hidden-folders.js';
import { takeProfileTurn } from '../../core/profiling/profile-turn.js';
import { profileWait } from '../../core/profiling/profile-wait.js';
import { type Recording, startRecording } from '../../core/profiling/recording.js';
import type { ProfileRow } from '../../core/profiling/stack-tree.js';
import type { Metadata } from '../exemplar.js';
import type { ProfileEntry } from './profile-entry.js';
import {
  checkKind,
  PROFILE_DEFAULTS,
  type ProfileOptions,
  type ResolvedProfileOptions,
  resolveProfileOptions,
} from './profile-options.js';
import { ProfileStore } from './profile-store.js';
import { readProfile } from './recorded-profile.js';

/** A profile that has just been taken. */
export interface ProfileResult extends ProfileEntry {
  readonly top: readonly ProfileRow[];
  /** Stacks as flamegraph.pl and speedscope read them, `main (app.js:1);ask (ask.js:12) 5230`: microseconds, or bytes. */
  readonly collapsed: string;
}

/** What a profiler works with. */
export interface ProfilerParts {
  readonly options: ProfileOptions;
  readonly clock: Clock;
  /** Told when a profile begins, and when it ends: `'profile'`, `{ kind, reason, phase, file? }`. */
  onMark(name: string, metadata: Metadata): void;
  /** Told of what went wrong behind the host's back. */
  onTrouble(error: unknown, during: string): void;
}

/** What a profile is asked for with. */
export interface ProfileCallOptions {
  /** Default `'cpu'`. */
  readonly kind?: 'cpu' | 'heap';
  /** Default `'on demand'`. */
  readonly reason?: string;
  /** Gives up the profile. */
  readonly signal?: AbortSignal;
}

interface Request {
  readonly kind: 'cpu' | 'heap';
  readonly reason: string;
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
}

const ON_BREACH = 'a profile on breach';

/** Takes profiles of the thread it runs in, one at a time in the thread, and keeps their files within bounds. */
export class Profiler implements Closeable {
  readonly #options: ResolvedProfileOptions;
  readonly #clock: Clock;
  readonly #store: ProfileStore;
  readonly #parts: ProfilerParts;
  readonly #end = new AbortController();
  readonly #close = closeOnce(async () => {
    this.#end.abort();
    const running = this.#running;
    if (running) await keepAlive(() => running).catch(() => {});
  });
  #running: Promise<unknown> | undefined;
  #coolUntil = Number.NEGATIVE_INFINITY;
  #entries: readonly ProfileEntry[] = [];

  /** @throws InvalidOptionError */
  constructor(parts: ProfilerParts) {
    this.#options = resolveProfileOptions(parts.options);
    this.#store = new ProfileStore(this.#options);
    this.#clock = parts.clock;
    this.#parts = parts;
  }

  /**
   * Takes a profile. `close()` ends it early: what there is by then is kept. The process lives as long as it takes.
   *
   * V8 may count the time of a function to its caller: where it has inlined it (not so with `node --no-turbo-inlining`), and where it
   * optimised a loop while that ran, before the profile began.
   *
   * @throws InvalidOptionError; the signal's reason; HotpathError codes `PROFILE_RUNNING` while another one runs, in any monitor of the
   *   thread; `DEBUGGER_ATTACHED`; `NO_DISK_SPACE`; `PROFILE_TOO_LARGE`; `PROFILE_DIRECTORY`; `NO_INSPECTOR`; `CLOSED`;
   *   the file system's own errors
   */
  async profile(duration: Duration, options: ProfileCallOptions = {}): Promise<ProfileResult> {
    const { kind = 'cpu', reason = 'on demand', signal } = options;
    const { maxDurationMs } = this.#options;
    const ms = toMs('duration', duration, { zero: false });
    if (ms > maxDurationMs) {
      throw new InvalidOptionError('duration', `at most profiles.maxDuration (${maxDurationMs} ms)`, duration);
    }
    checkKind('kind', kind);
    if (typeof reason !== 'string') throw new InvalidOptionError('reason', 'a string', reason);
    signal?.throwIfAborted();
    this.#checkOpen();
    const giveBack = takeProfileTurn();
    if (giveBack) return keepAlive(() => this.#begin({ kind, reason, ms, signal }, giveBack));
    throw new HotpathError('another profile is under way in this thread: wait for its end', {
      code: 'PROFILE_RUNNING',
    });
  }

  /**
   * Takes a profile because something was breached, unless one runs or the last one on breach ended less than the cool-down ago. An
   * attempt that fails starts the cool-down too. Never throws. The process is not kept alive: nobody waits.
   *
   * @param duration - default `'10s'`, cut to `maxDuration`
   */
  breach(reason: string, kind: 'cpu' | 'heap', duration: Duration = PROFILE_DEFAULTS.breachDuration): void {
    if (this.#end.signal.aborted || this.#clock.now() < this.#coolUntil) return;
    void this.#onBreach(reason, kind, duration).catch((error: unknown) => {
      if (!(HotpathError.is(error) && error.code === 'CLOSED')) this.#report(error, ON_BREACH);
    });
  }

  /** Profiles that this profiler took and that are still on disk, as of the last one; oldest first. */
  list(): readonly ProfileEntry[] {
    return this.#entries;
  }

  /** Ends a profile that is under way, and resolves when it is on disk. */
  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #onBreach(reason: string, kind: 'cpu' | 'heap', duration: Duration): Promise<void> {
    checkKind('kind', kind);
    const ms = Math.min(toMs('duration', duration, { zero: false }), this.#options.maxDurationMs);
    const giveBack = takeProfileTurn();
    if (!giveBack) return;
    this.#coolUntil = Number.POSITIVE_INFINITY;
    try {
      await this.#begin({ kind, reason, ms, signal: undefined }, giveBack);
    } finally {
      this.#coolUntil = this.#clock.now() + this.#options.cooldownMs;
    }
  }

  #begin(request: Request, giveBack: () => void): Promise<ProfileResult> {
    const run = this.#run(request).finally(() => {
      this.#running = undefined;
      giveBack();
    });
    this.#running = run;
    return run;
  }

  async #run(request: Request): Promise<ProfileResult> {
    const { kind, signal } = request;
    await this.#store.prepare();
    const recording = await startRecording(kind, this.#options);
    try {
      signal?.throwIfAborted();
      this.#checkOpen();
      return await this.#record(recording, request);
    } finally {
      recording.disconnect();
    }
  }

  async #record(recording: Recording, { kind, reason, ms, signal }: Request): Promise<ProfileResult> {
    const startedAt = this.#clock.now();
    let file: string | undefined;
    this.#mark({ kind, reason, phase: 'start' });
    try {
      await profileWait(this.#clock, ms, this.#end.signal, signal);
      const recorded = await recording.stop();
      const took = this.#clock.now() - startedAt;
      recording.disconnect();
      const { text, top, collapsed } = readProfile(
        recorded,
        this.#options.redactPaths ? foldersOfProcess() : undefined,
      );
      const stored = await this.#store.write(kind, startedAt, text);
      file = stored.file;
      const { path, bytes } = stored;
      const entry = { file, path, kind, startedAt, ms: took, bytes, reason, top };
      this.#entries = [...this.#entries.filter((old) => stored.present.has(old.file)), entry];
      return { ...entry, collapsed };
    } finally {
      this.#mark({ kind, reason, phase: 'end', ...(file === undefined ? {} : { file }) });
    }
  }

  #checkOpen(): void {
    if (!this.#end.signal.aborted) return;
    throw new HotpathError('no profile is taken: the monitor is closed', { code: 'CLOSED' });
  }

  #mark(metadata: Metadata): void {
    try {
      this.#parts.onMark('profile', metadata);
    } catch (error) {
      this.#report(error, 'the mark of a profile');
    }
  }

  #report(error: unknown, during: string): void {
    try {
      this.#parts.onTrouble(error, during);
    } catch {
      // Whoever is told of trouble must not make more of it.
    }
  }
}
