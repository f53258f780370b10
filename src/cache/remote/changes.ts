import type { SharedBook } from '../shared-book.js';
import type { InvalidatedNames, SharedOutcome } from '../shared-source.js';
import type { Backend, GlobSource, Through } from './backend.js';
import { encodeEnvelope, readEnvelope } from './envelope.js';
import { checksumOf } from './envelope-checksum.js';
import type { Guard } from './guard.js';
import type { Outgoing } from './outgoing.js';
import type { Change, Unconfirmed } from './unconfirmed.js';
import type { VersionSync } from './version-sync.js';

/** More names than this go out in several commands. */
const NAMES_AT_ONCE = 500;
/** A key that keeps being rewritten while its fresh window is to be ended has a new value anyway. */
const SOFTEN_ATTEMPTS = 3;

/** Takes invalidations to the shared tier. What fails is remembered and sent again. */
export class Changes {
  readonly #shared: SharedBook;
  readonly #backend: Backend;
  readonly #guard: Guard;
  readonly #sync: VersionSync;
  readonly #outgoing: Outgoing;
  readonly #unconfirmed: Unconfirmed;
  #replaying: Promise<void> | undefined;

  constructor(parts: {
    shared: SharedBook;
    backend: Backend;
    guard: Guard;
    sync: VersionSync;
    outgoing: Outgoing;
    unconfirmed: Unconfirmed;
  }) {
    this.#shared = parts.shared;
    this.#backend = parts.backend;
    this.#guard = parts.guard;
    this.#sync = parts.sync;
    this.#outgoing = parts.outgoing;
    this.#unconfirmed = parts.unconfirmed;
  }

  drop(key: string): Promise<SharedOutcome> {
    return this.#numbered(this.#send([{ kind: 'key', key }]));
  }

  clear(): Promise<SharedOutcome> {
    return this.#send([{ kind: 'clear' }]);
  }

  invalidate({ tags, prefixes, soft }: InvalidatedNames): Promise<SharedOutcome> {
    const kinds = soft ? (['T', 'P'] as const) : (['t', 'p'] as const);
    const members = [...tags.map((tag) => kinds[0] + tag), ...prefixes.map((prefix) => kinds[1] + prefix)];
    const changes: Change[] = [];
    for (let i = 0; i < members.length; i += NAMES_AT_ONCE) {
      changes.push({ kind: 'names', members: members.slice(i, i + NAMES_AT_ONCE) });
    }
    return this.#send(changes);
  }

  /** Sends names again that the server has lost, hard and soft ones apart. */
  repeat(members: readonly string[]): void {
    const isSoft = (member: string): boolean => member[0] === 'T' || member[0] === 'P';
    for (const soft of [false, true]) {
      const some = members.filter((member) => isSoft(member) === soft);
      for (let i = 0; i < some.length; i += NAMES_AT_ONCE) {
        void this.#send([{ kind: 'names', members: some.slice(i, i + NAMES_AT_ONCE) }]);
      }
    }
  }

  soften(key: string): Promise<SharedOutcome> {
    return this.#numbered(this.#soften(key));
  }

  async #soften(key: string): Promise<SharedOutcome> {
    const change: Change = { kind: 'key', key };
    // Until the server has it, what it still says is fresh must not come back into memory.
    this.#unconfirmed.begin(change);
    try {
      for (let i = 0; i < SOFTEN_ATTEMPTS; i++) {
        const bytes = await this.#guard.read(() => this.#backend.get(key));
        const opened = bytes && readEnvelope(bytes);
        // Nothing to keep: what is being loaded just now began too early all the same.
        if (!opened || opened.status === 'corrupt') return await this.#send([{ kind: 'key', key }]);
        if (opened.status !== 'ok') break;
        const { facts, payload, codec, compressed } = opened;
        const ageMs = Math.max(0, this.#sync.serverNow() - facts.storedAt);
        const softer = { ...facts, ttlMs: Math.min(facts.ttlMs, ageMs) };
        const next = encodeEnvelope(softer, payload, codec, compressed);
        if (await this.#guard.write(() => this.#backend.replace(key, checksumOf(bytes), next))) break;
      }
      return { remote: 'done', version: 0, existed: true };
    } catch {
      // Out of reach: rather gone than fresh. It is deleted when the server is back.
      return await this.#send([{ kind: 'key', key }]);
    } finally {
      this.#unconfirmed.confirm(change);
    }
  }

  /**
   * Gives a token's number to what has none of the server's own: above the sequence as it stands once the change is there, so that
   * whatever began to load before is older.
   */
  async #numbered(changing: Promise<SharedOutcome>): Promise<SharedOutcome> {
    const outcome = await changing;
    if (outcome.remote === 'queued') return { ...outcome, version: this.#reckoned() };
    try {
      await this.#guard.read(() => this.#sync.look());
      return { ...outcome, version: this.#shared.versions.current + 1 };
    } catch {
      return { ...outcome, version: this.#reckoned() };
    }
  }

  /** Looks at every key of the store, in chunks. */
  sweep(test: (key: string) => boolean, glob: GlobSource, soft: boolean): Promise<SharedOutcome> {
    return this.#numbered(this.#sweep(test, glob, soft));
  }

  async #sweep(test: (key: string) => boolean, glob: GlobSource, soft: boolean): Promise<SharedOutcome> {
    // Writes of this process that are still on their way came before this call.
    const overtaken = [...this.#unconfirmed.keysWhere(test)].map((key) => this.#send([{ kind: 'key', key }]));
    const change: Change = { kind: 'sweep', test };
    this.#unconfirmed.begin(change);
    const through: Through = (operation) => this.#guard.write(operation);
    try {
      const stamp = this.#outgoing.stamp();
      await through(() => this.#backend.announce(glob, soft));
      for await (const chunk of this.#backend.scan(through)) {
        const keys = chunk.filter(test);
        if (soft) await Promise.all(keys.map((key) => this.#soften(key)));
        else if (keys.length > 0) await Promise.all(keys.map((key) => through(() => this.#backend.drop(key, stamp))));
      }
      const dropped = await Promise.all(overtaken);
      const sent = dropped.every(({ remote }) => remote === 'done');
      return { remote: sent ? 'done' : 'queued', version: 0, existed: true };
    } catch {
      // Half a sweep is none, and nobody would finish it later: everything goes instead.
      return await this.clear();
    } finally {
      this.#unconfirmed.confirm(change);
    }
  }

  async #send(changes: readonly Change[]): Promise<SharedOutcome> {
    // In this very call stack: whoever reads from now on is told.
    for (const change of changes) this.#unconfirmed.begin(change);
    const outcomes = await Promise.all(
      changes.map((change) => this.#attempt(change, (operation) => this.#guard.write(operation))),
    );
    const sent = outcomes.every((outcome) => outcome !== undefined);
    const version = Math.max(...outcomes.map((outcome) => outcome?.version ?? 0));
    return {
      remote: sent ? 'done' : 'queued',
      version: sent && version > 0 ? version : this.#reckoned(),
      existed: outcomes.some((outcome) => outcome?.existed),
    };
  }

  async #attempt(change: Change, through: Through): Promise<{ version: number; existed: boolean } | undefined> {
    try {
      const result = await this.#perform(change, through);
      this.#unconfirmed.confirm(change);
      return result;
    } catch {
      this.#unconfirmed.fail(change);
      return undefined;
    }
  }

  async #perform(change: Change, through: Through): Promise<{ version: number; existed: boolean }> {
    // A sweep is never sent again: what fails of it becomes a clear.
    if (change.kind === 'sweep') return { version: 0, existed: false };
    if (change.kind === 'key') {
      const existed = await through(() => this.#backend.drop(change.key, this.#outgoing.stamp()));
      return { version: 0, existed };
    }
    const { atLeast } = this.#sync;
    const news = await through(() =>
      change.kind === 'clear' ? this.#backend.clear(atLeast) : this.#backend.invalidate(change.members, atLeast),
    );
    this.#sync.apply(news);
    return { version: news.sequence, existed: true };
  }

  /** A number of the sequence for what the server gave none for: above all that is known to have been given out by now. */
  #reckoned(): number {
    return Math.max(Math.ceil(this.#sync.serverNow() * 1000), this.#shared.versions.current + 1);
  }

  /** Sends again what has failed, one run at a time. Rejects when the server does not take it. */
  replay(through: Through): Promise<void> {
    this.#replaying ??= this.#replay(through).finally(() => {
      this.#replaying = undefined;
    });
    return this.#replaying;
  }

  async #replay(through: Through): Promise<void> {
    const changes = [...this.#unconfirmed.toReplay()];
    for (let i = 0; i < changes.length; i += NAMES_AT_ONCE) {
      const some = changes.slice(i, i + NAMES_AT_ONCE);
      const results = await Promise.allSettled(
        some.map(async (change) => {
          await this.#perform(change, through);
          this.#unconfirmed.confirm(change);
        }),
      );
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    }
  }
}
