import { closeOnce } from '../../core/lifecycle.js';
import type { RedisPort } from '../../core/redis/redis-port.js';
import type { CacheState } from '../cache-state.js';
import type { Flight } from '../flight.js';
import type { MemoryEntry } from '../memory-entry.js';
import type { ResolvedRemote } from '../resolve-remote.js';
import type { SharedBook } from '../shared-book.js';
import type {
  InvalidatedNames,
  Lease,
  Permit,
  RemoteStats,
  SharedOutcome,
  SharedReading,
  SharedSource,
  SharedWrite,
} from '../shared-source.js';
import type { Backend, Through } from './backend.js';
import { Bus } from './bus.js';
import { Changes } from './changes.js';
import { Connection } from './connection.js';
import { EntryCodec } from './entry-codec.js';
import { EntryReader } from './entry-reader.js';
import type { Guard } from './guard.js';
import { Heartbeat } from './heartbeat.js';
import { Leases } from './leases.js';
import { Looks } from './looks.js';
import { Outgoing } from './outgoing.js';
import { Permits } from './permits.js';
import { Unconfirmed } from './unconfirmed.js';
import { VersionSync } from './version-sync.js';
import type { WireNames } from './wire-name.js';

/** What a tier is made of. */
export interface TierParts {
  readonly state: CacheState;
  readonly shared: SharedBook;
  readonly remote: ResolvedRemote;
  readonly backend: Backend;
  readonly names: WireNames;
  readonly node: string;
  /** The connections in use: of the coordinator, and of the store where that is another one. */
  readonly ports: readonly RedisPort[];
  /** The packages that a connection needs. Rejects where one is missing. */
  loaded(): Promise<void>;
  /** Gives back what was added to a store of the host's. */
  release(): void;
}

/** The shared tier: puts its parts together, and keeps the rest of the cache away from its troubles. */
export class SharedTier implements SharedSource {
  readonly #state: CacheState;
  readonly #parts: TierParts;
  readonly #connection: Connection;
  readonly #guard: Guard;
  readonly #sync: VersionSync;
  readonly #leases: Leases;
  readonly #looks: Looks;
  readonly #permits: Permits;
  readonly #outgoing: Outgoing;
  readonly #changes: Changes;
  readonly #unconfirmed: Unconfirmed = new Unconfirmed();
  readonly #bus: Bus | undefined;
  /** Where there is no bus. */
  readonly #heartbeat: Heartbeat | undefined;
  readonly #writing = new Set<Promise<unknown>>();
  readonly close: () => Promise<void>;

  constructor(parts: TierParts) {
    const { state, shared, remote, backend } = parts;
    const { clock } = state.options;
    this.#state = state;
    this.#parts = parts;
    this.#connection = new Connection({ ...parts, recover: () => this.#recover() });
    this.#guard = this.#connection.guard;
    const guard = this.#guard;
    const unconfirmed = this.#unconfirmed;
    const codec = new EntryCodec(remote);
    this.#sync = new VersionSync(state, shared, backend, {
      onChange: () => this.#leases.giveUpDoomed(),
      onLoss: (names, cleared) => {
        this.#gap('restarted');
        if (cleared) void this.#changes.clear();
        else this.#changes.repeat(names);
      },
    });
    const sync = this.#sync;
    const reader = new EntryReader({ state, shared, codec, unconfirmed, guard, backend });
    this.#leases = new Leases(state, backend, guard, parts.node, remote.leaseMs);
    const leases = this.#leases;
    this.#looks = new Looks({
      state,
      shared,
      backend,
      guard,
      sync,
      reader,
      unconfirmed,
      oldestBooksMs: remote.heartbeatMs,
    });
    this.#permits = new Permits({ state, backend, guard, sync, reader, leases, unconfirmed });
    this.#outgoing = new Outgoing({ state, backend, guard, sync, codec, leases, unconfirmed });
    this.#changes = new Changes({ shared, backend, guard, sync, outgoing: this.#outgoing, unconfirmed });
    state.flights.others = this.#looks;
    const port = backend.coordinated ? parts.ports[0] : undefined;
    if (!backend.coordinated) {
      if (shared.degradedTtlMs === Number.POSITIVE_INFINITY) shared.trustWithoutBus();
      this.#heartbeat = new Heartbeat(clock, remote.heartbeatMs, () => this.#beat());
    }
    this.#bus =
      port && new Bus({ ...parts, sync, guard, heartbeatMs: remote.heartbeatMs, port, listener: this.#busListener() });
    this.close = closeOnce(() => this.#close());
    this.#connection.start(remote.readDeadlineMs);
    this.#bus?.start();
  }

  #busListener(): { woken(key: string): void; beat(): void } {
    return {
      woken: (key) => this.#leases.wake(key),
      beat: () => this.#replay(),
    };
  }

  /** Without a bus. With one, its beats read the versions. */
  #beat(): void {
    if (!this.#guard.passes) return;
    this.#guard.read(() => this.#sync.look()).catch(() => {});
    this.#replay();
  }

  #replay(): void {
    if (!this.#guard.passes) return;
    const through: Through = (operation) => this.#guard.write(operation);
    if (this.#unconfirmed.failed > 0) this.#changes.replay(through).catch(() => {});
    this.#leases.giveBackOwed(through).catch(() => {});
  }

  /** The breaker's probe: in step with the versions, and nothing left unconfirmed, before anything is read again. */
  async #recover(): Promise<void> {
    await this.#guard.probe(() => this.#sync.look());
    await this.#changes.replay((operation) => this.#guard.probe(operation));
    await this.#leases.giveBackOwed((operation) => this.#guard.probe(operation));
  }

  #gap(reason: 'restarted'): void {
    if (this.#state.events.wants('bus:gap')) this.#state.events.emit('bus:gap', { reason });
  }

  read(key: string): Promise<SharedReading> {
    return this.#looks.read(key);
  }

  readMany(keys: readonly string[]): Promise<readonly SharedReading[]> {
    return this.#looks.readMany(keys);
  }

  permits(flights: readonly Flight[], seen: readonly number[], force: boolean): Promise<readonly Permit[]> {
    return this.#permits.ask(flights, seen, force);
  }

  wait(flight: Flight, seen: number): Promise<Permit> {
    return this.#permits.wait(flight, seen);
  }

  fill(lease: Lease, write: SharedWrite, entry: MemoryEntry | undefined, tell: boolean, refused: () => void): void {
    const writing = this.#outgoing.fill(lease, write, entry, tell).then((result) => {
      // Those of this process that wait: its own messages are not heard.
      this.#leases.wake(lease.key);
      if (result !== 'lost') return;
      this.#leases.lost++;
      refused();
    });
    this.#track(writing);
  }

  release(lease: Lease): void {
    this.#leases.drop(lease);
    this.#leases.release(lease);
  }

  put(key: string, write: SharedWrite, entry: MemoryEntry | undefined): Promise<boolean> {
    const writing = this.#outgoing.put(key, write, entry);
    this.#track(writing);
    return writing;
  }

  drop(key: string): Promise<SharedOutcome> {
    return this.#tracked(this.#changes.drop(key));
  }

  soften(key: string): Promise<SharedOutcome> {
    return this.#tracked(this.#changes.soften(key));
  }

  invalidate(names: InvalidatedNames): Promise<SharedOutcome> {
    return this.#tracked(this.#changes.invalidate(names));
  }

  clear(): Promise<SharedOutcome> {
    return this.#tracked(this.#changes.clear());
  }

  sweep(test: (key: string) => boolean, glob: readonly [string, string], soft: boolean): Promise<SharedOutcome> {
    this.#leases.giveUpDoomed();
    return this.#tracked(this.#changes.sweep(test, glob, soft));
  }

  raise(version: number): void {
    this.#sync.raise(version);
  }

  async ready(): Promise<void> {
    await this.#connection.ready();
    await this.#guard.read(() => this.#sync.look()).catch(() => {});
  }

  stats(): RemoteStats {
    const { errors, timeouts, refused } = this.#guard;
    const bus = this.#bus === undefined ? 'none' : this.#bus.live ? 'live' : 'lost';
    const { size: unconfirmed } = this.#unconfirmed;
    return {
      state: this.#connection.breaker.state.kind,
      bus,
      errors,
      timeouts,
      refused,
      unconfirmed,
      leasesLost: this.#leases.lost,
    };
  }

  #tracked<T>(change: Promise<T>): Promise<T> {
    this.#track(change);
    return change;
  }

  /** Keeps a write in mind, so that closing waits for it; a serverless host is told of it. */
  #track(writing: Promise<unknown>): void {
    this.#writing.add(writing);
    const done = writing.then(
      () => {},
      () => {},
    );
    void done.then(() => this.#writing.delete(writing));
    this.#state.tellHost(done);
  }

  /** What is unconfirmed when a cache closes is lost with it: it gets one more chance, and is named where that fails. */
  async #lastReplay(): Promise<void> {
    if (this.#unconfirmed.failed === 0) return;
    if (this.#guard.passes) await this.#changes.replay((operation) => this.#guard.write(operation)).catch(() => {});
    const { failed } = this.#unconfirmed;
    if (failed === 0) return;
    const error = new Error(`${failed} invalidations did not reach the shared tier before the cache was closed`);
    this.#state.events.trouble(error, 'closing');
  }

  async #close(): Promise<void> {
    // Each has its deadline.
    await Promise.allSettled(this.#writing);
    await this.#lastReplay();
    await this.#leases.close();
    this.#heartbeat?.close();
    await this.#bus?.close();
    await this.#connection.close();
    this.#parts.release();
  }
}
