import type { CancelTimer } from '../../core/clock.js';
import type { RedisPort, RedisSubscriber } from '../../core/redis/redis-port.js';
import type { CacheState } from '../cache-state.js';
import { parsePattern } from '../glob.js';
import { dropMatching } from '../invalidation.js';
import type { SharedBook } from '../shared-book.js';
import { readBusMessage } from './bus-message.js';
import type { Guard } from './guard.js';
import { Publishers } from './publishers.js';
import type { VersionSync } from './version-sync.js';
import type { WireNames } from './wire-name.js';

/** How long messages of one publisher may overtake each other: in a cluster they travel by way of different nodes. */
const CLUSTER_PATIENCE_MS = 500;
/** On one server they do so where a script had to be sent twice, or had nothing to tell. */
const PATIENCE_MS = 100;

/** What the bus tells its tier beside what it enters into the books. */
export interface BusListener {
  /** A key may have a value now, or nobody loads it any more. */
  woken(key: string): void;
  /** Called with every beat, also while the bus is lost. */
  beat(): void;
}

/**
 * Hears what other processes write and invalidate.
 *
 * Pub/sub delivers at most once, so three things watch over it. Each publisher numbers its messages: a gap means that something
 * was missed. A beat goes out every `heartbeatMs` by the store's connection and must come back by the bus. And every beat
 * reads the versions that are new, so that a tag's invalidation arrives with the next beat at the latest, bus or no bus.
 */
export class Bus {
  readonly #state: CacheState;
  readonly #shared: SharedBook;
  readonly #sync: VersionSync;
  readonly #guard: Guard;
  readonly #names: WireNames;
  readonly #node: string;
  readonly #heartbeatMs: number;
  readonly #listener: BusListener;
  readonly #subscriber: RedisSubscriber;
  readonly #publishers: Publishers;
  #subscribed = false;
  /** Numbers the beats. One counts once its reply and its message are both there. */
  #beat = 0;
  #firstOfSubscription = 0;
  #replied = 0;
  #heard = 0;
  #missed = 0;
  #cancelTimer: CancelTimer | undefined;
  #closed = false;

  constructor(parts: {
    state: CacheState;
    shared: SharedBook;
    sync: VersionSync;
    guard: Guard;
    names: WireNames;
    node: string;
    heartbeatMs: number;
    port: RedisPort;
    listener: BusListener;
  }) {
    this.#state = parts.state;
    this.#shared = parts.shared;
    this.#sync = parts.sync;
    this.#guard = parts.guard;
    this.#names = parts.names;
    this.#node = parts.node;
    this.#heartbeatMs = parts.heartbeatMs;
    this.#listener = parts.listener;
    const patienceMs = parts.port.topology === 'cluster' ? CLUSTER_PATIENCE_MS : PATIENCE_MS;
    this.#publishers = new Publishers(parts.state.options.clock, patienceMs, () => this.#onMissing());
    this.#subscriber = parts.port.subscriber();
    this.#subscriber.onError((error) => this.#state.events.trouble(error, 'the bus'));
  }

  start(): void {
    const own = this.#names.privateChannel(this.#node);
    this.#subscriber.start(
      [this.#names.channel, own],
      (channel, message) => (channel === own ? this.#hear(message) : this.#receive(message)),
      (subscribed) => this.#onSubscription(subscribed),
    );
    this.#schedule();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#publishers.forget();
    await this.#subscriber.close();
  }

  /** Whether messages are known to arrive. */
  get live(): boolean {
    return !this.#shared.degraded;
  }

  #onSubscription(subscribed: boolean): void {
    this.#subscribed = subscribed;
    if (!subscribed) {
      this.#lose();
      return;
    }
    // What was published while nobody listened can't be known by its numbers.
    this.#publishers.forget();
    this.#firstOfSubscription = this.#beat + 1;
    this.#sendBeat();
  }

  #schedule(): void {
    this.#cancelTimer?.();
    if (this.#closed) return;
    this.#cancelTimer = this.#state.options.clock.setTimer(() => {
      if (this.#beat > Math.min(this.#replied, this.#heard)) {
        // One late beat is a pause of somebody's collector; a second one says that nothing arrives.
        if (++this.#missed >= 2) this.#lose();
      }
      this.#sendBeat();
      this.#listener.beat();
      this.#schedule();
    }, this.#heartbeatMs);
  }

  #sendBeat(): void {
    const beat = ++this.#beat;
    if (!this.#guard.passes) return;
    this.#guard
      .read(() => this.#sync.look(String(beat)))
      .then(
        () => {
          this.#replied = Math.max(this.#replied, beat);
          this.#onBeat();
        },
        () => {},
      );
  }

  #hear(message: Buffer): void {
    const beat = Number(message.toString('latin1'));
    if (!Number.isSafeInteger(beat) || beat > this.#beat) return;
    this.#heard = Math.max(this.#heard, beat);
    this.#onBeat();
  }

  #onBeat(): void {
    const both = Math.min(this.#replied, this.#heard);
    if (both === this.#beat) this.#missed = 0;
    if (!this.#subscribed || both < this.#firstOfSubscription || both < this.#beat - 1 || !this.#shared.degraded)
      return;
    this.#shared.busBack(this.#state.options.clock.now());
    this.#state.book.epoch++;
  }

  #lose(): void {
    // Beats from before don't count when it comes back.
    this.#firstOfSubscription = this.#beat + 1;
    if (this.#shared.degraded) return;
    this.#shared.busLost(this.#state.options.clock.now());
    this.#state.book.epoch++;
    this.#gap('lost');
  }

  #gap(reason: 'lost' | 'missed'): void {
    const { events } = this.#state;
    if (events.wants('bus:gap')) events.emit('bus:gap', { reason });
  }

  #receive(bytes: Buffer): void {
    const message = readBusMessage(bytes);
    if (message === undefined || message.src === this.#node) return;
    this.#publishers.heard(message.src, message.n);
    const { tags, prefixes, soft, clear, q, birth } = message;
    if (q > 0) {
      const kinds = soft ? (['T', 'P'] as const) : (['t', 'p'] as const);
      const names = [...tags.map((tag) => kinds[0] + tag), ...prefixes.map((prefix) => kinds[1] + prefix)];
      if (birth === this.#shared.birth) {
        const versions = names.map((name) => [name, q] as const);
        this.#sync.apply({ birth, sequence: q, floor: clear ? q : 0, names: versions });
      } else {
        this.#guard.read(() => this.#sync.look()).catch(() => {});
      }
    }
    for (const [scope, pattern] of message.globs) this.#sweepMemory(scope, pattern, soft);
    for (const [name, sum] of message.keys) this.#changed(name, sum);
    for (const name of message.wake) this.#wake(name);
  }

  /** Messages of a publisher are missing: what was confirmed before may be outdated. */
  #onMissing(): void {
    this.#shared.distrustBefore(this.#state.options.clock.now());
    this.#state.book.epoch++;
    this.#gap('missed');
    this.#guard.read(() => this.#sync.look()).catch(() => {});
  }

  /** Somebody is going through the keys of a glob. What only this memory has is not found there. */
  #sweepMemory(scope: string, pattern: string, soft: boolean): void {
    const parsed = parsePattern(pattern, scope);
    if (parsed.kind !== 'glob') return;
    dropMatching(this.#state, parsed.test, soft);
  }

  /** Somebody wrote or deleted a key. */
  #changed(name: string, sum: number): void {
    const key = this.#names.innerKey(name);
    if (key === undefined) return;
    const { memory, flights, errors } = this.#state;
    flights.detachBegun(key);
    errors.delete(key);
    const entry = memory.peek(key);
    if (entry !== undefined && (sum === 0 || entry.shared?.sum !== sum)) memory.delete(key);
    this.#listener.woken(key);
  }

  #wake(name: string): void {
    const key = this.#names.innerKey(name);
    if (key !== undefined) this.#listener.woken(key);
  }
}
