import { shownKey } from '../cache-key.js';
import type { CacheState } from '../cache-state.js';
import type { MemoryEntry } from '../memory-entry.js';
import type { Lease, SharedWrite } from '../shared-source.js';
import type { Backend } from './backend.js';
import { type EntryCodec, unencodable } from './entry-codec.js';
import { checksumOf } from './envelope-checksum.js';
import type { Guard } from './guard.js';
import type { Leases } from './leases.js';
import type { Change, Unconfirmed } from './unconfirmed.js';
import type { VersionSync } from './version-sync.js';

/** The least by which a write has to be newer than the one it replaces, in milliseconds. */
const ONE_MICROSECOND = 0.001;

/** Takes values to the shared tier. */
export class Outgoing {
  readonly #state: CacheState;
  readonly #backend: Backend;
  readonly #guard: Guard;
  readonly #sync: VersionSync;
  readonly #codec: EntryCodec;
  readonly #leases: Leases;
  readonly #unconfirmed: Unconfirmed;
  /** The moment of this node's last write: no two have the same. */
  #lastStamp = 0;
  #firstLook: Promise<void> | undefined;

  constructor(parts: {
    state: CacheState;
    backend: Backend;
    guard: Guard;
    sync: VersionSync;
    codec: EntryCodec;
    leases: Leases;
    unconfirmed: Unconfirmed;
  }) {
    this.#state = parts.state;
    this.#backend = parts.backend;
    this.#guard = parts.guard;
    this.#sync = parts.sync;
    this.#codec = parts.codec;
    this.#leases = parts.leases;
    this.#unconfirmed = parts.unconfirmed;
  }

  /** The moment of a write or a delete by the server's clock, in milliseconds; later than every one before. */
  stamp(): number {
    this.#lastStamp = Math.max(this.#sync.serverNow(), this.#lastStamp + ONE_MICROSECOND);
    return this.#lastStamp;
  }

  /** Stores what was loaded under a lease. Resolves to what came of it; `undefined` where that can't be known. Never rejects. */
  async fill(
    lease: Lease,
    write: SharedWrite,
    entry: MemoryEntry | undefined,
    tell: boolean,
  ): Promise<'stored' | 'lost' | 'foreign' | undefined> {
    try {
      const packed = this.#pack(write);
      const bytes = packed instanceof Promise ? await this.#guard.probe(() => packed) : packed;
      // What was loaded under it is renewed no longer, but has to arrive while it holds.
      this.#leases.drop(lease);
      const outgoing = { key: lease.key, bytes, lifeMs: write.ttlMs + write.staleMs };
      const sentAt = this.#state.options.clock.now();
      const result = await this.#guard.write(() => this.#backend.fill(outgoing, lease.token, tell));
      if (result === 'stored') this.#mark(entry, bytes, sentAt);
      return result;
    } catch (error) {
      this.#leases.drop(lease);
      this.#report(error, lease.key);
      this.#leases.release(lease);
      return undefined;
    }
  }

  /** Stores a value of the host's. What fails stays behind as a delete to be confirmed: older values must not come back. */
  async put(key: string, write: SharedWrite, entry: MemoryEntry | undefined): Promise<boolean> {
    const change = { kind: 'key', key } as const;
    this.#unconfirmed.begin(change);
    try {
      let stamp = this.stamp();
      const placed = write.birth === 0 ? await this.#placed(write) : write;
      const packed = this.#pack(placed, stamp);
      let bytes = packed instanceof Promise ? await this.#guard.probe(() => packed) : packed;
      const lifeMs = write.ttlMs + write.staleMs;
      const sentAt = this.#state.options.clock.now();
      let newer = await this.#guard.write(() => this.#backend.put({ key, bytes, lifeMs }, stamp));
      // A later call of this process has overtaken this one while it was packed.
      if (newer !== undefined && this.#unconfirmed.isNewest(change)) {
        // Our clock is behind that of whoever wrote last. The host's call is not over, so this write may come after that one.
        stamp = newer + ONE_MICROSECOND;
        this.#lastStamp = Math.max(this.#lastStamp, stamp);
        bytes = await this.#pack(placed, stamp);
        newer = await this.#guard.write(() => this.#backend.put({ key, bytes, lifeMs }, stamp));
      }
      this.#unconfirmed.confirm(change);
      if (newer === undefined) this.#mark(entry, bytes, sentAt);
      return newer === undefined;
    } catch (error) {
      if (this.#report(error, key)) await this.#dropInstead(key, change);
      else this.#unconfirmed.fail(change);
      return false;
    }
  }

  /** What can't be written must not leave the older value behind. */
  async #dropInstead(key: string, change: Change): Promise<void> {
    try {
      await this.#guard.write(() => this.#backend.drop(key, this.stamp()));
      this.#unconfirmed.confirm(change);
    } catch {
      this.#unconfirmed.fail(change);
    }
  }

  /** A write from before the first contact has no place in the server's sequence: nobody could judge it. */
  async #placed(write: SharedWrite): Promise<SharedWrite> {
    if (!this.#sync.synced) {
      // One for all that wait.
      this.#firstLook ??= this.#guard
        .write(() => this.#sync.look())
        .finally(() => {
          this.#firstLook = undefined;
        });
      await this.#firstLook;
    }
    // Not what is known by now: an invalidation that came after this write may have been answered since.
    const { sequence: since, birth } = this.#sync.first!;
    return { ...write, since, birth };
  }

  #pack(
    { value, ttlMs, staleMs, tags = [], loaderMs, cost, since, birth }: SharedWrite,
    storedAt = this.stamp(),
  ): Buffer | Promise<Buffer> {
    const failed = (error: unknown): Promise<never> => Promise.reject(new PackingFailed(error));
    try {
      const packed = this.#codec.pack({ storedAt, ttlMs, staleMs, since, birth, tags, loaderMs, cost }, value);
      return packed instanceof Promise ? packed.catch(failed) : packed;
    } catch (error) {
      return failed(error);
    }
  }

  /** @param sentAt - what was heard of since may be newer than it */
  #mark(entry: MemoryEntry | undefined, bytes: Buffer, sentAt: number): void {
    if (!entry?.shared) return;
    entry.shared.sum = checksumOf(bytes);
    entry.shared.confirmedAt = Math.max(entry.shared.confirmedAt, sentAt);
  }

  /** Whether it was the value's fault, and not the server's. */
  #report(error: unknown, key: string): boolean {
    if (!(error instanceof PackingFailed)) return false;
    this.#state.events.trouble(unencodable(shownKey(key), error.cause), 'writing to the shared tier');
    return true;
  }
}

class PackingFailed extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super('packing failed');
    this.cause = cause;
  }
}
