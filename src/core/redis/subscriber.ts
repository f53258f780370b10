import { type Clock, systemClock } from '../clock.js';
import { Emitter, type Unsubscribe } from '../emitter.js';
import { reconnectDelayMs } from './reconnect-delay.js';
import type { RedisSubscriber } from './redis-port.js';
import { RedisUnavailableError } from './unavailable.js';

/** One connection of a subscriber. It does not reconnect: the next one is dialled anew. */
export interface SubscriberConnection {
  /** Resolves once every channel is subscribed to. */
  readonly subscribed: Promise<void>;
  /** Resolves when the server answers. */
  ping(): Promise<unknown>;
  /** Ends it at once, whatever it is doing, without asking the server. */
  discard(): void;
}

/** @param onLost - may be called more than once, also before `subscribed` has settled */
export type Dial = (
  channels: readonly string[],
  onMessage: (channel: string, message: Buffer) => void,
  onLost: (error: unknown) => void,
) => SubscriberConnection;

/** A server that is stopped accepts connections and then says nothing: so long is waited for the subscription. */
const DIAL_DEADLINE_MS = 3_000;
/** A connection that broke without a word is noticed by its silence: after two pings without an answer it is given up. */
const PING_EVERY_MS = 3_000;
const SILENT_PINGS = 2;

const nothing = (): void => {};

/**
 * Keeps one connection subscribed: dials, listens, pings every 3 s, and dials again when it is lost, for ever, with a
 * bounded random delay (at most 2 s). Each attempt is a new connection, so that in a cluster it may go to another node.
 *
 * The connection's socket keeps the process alive, as any Redis client's does, until `close()`; the timers do not.
 */
export class ReconnectingSubscriber implements RedisSubscriber {
  readonly #dial: Dial;
  readonly #clock: Clock;
  readonly #errors = new Emitter<{ error: unknown }>(nothing);
  #channels: readonly string[] = [];
  #onMessage: (channel: string, message: Buffer) => void = nothing;
  #onState: (subscribed: boolean) => void = nothing;
  #connection: SubscriberConnection | undefined;
  #subscribed = false;
  #attempts = 0;
  #phase: 'new' | 'started' | 'closed' = 'new';
  #cancelTimer = nothing;
  #silentPings = 0;

  constructor(dial: Dial, clock: Clock = systemClock()) {
    this.#dial = dial;
    this.#clock = clock;
  }

  start(
    channels: readonly string[],
    onMessage: (channel: string, message: Buffer) => void,
    onState: (subscribed: boolean) => void,
  ): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'started';
    this.#channels = [...channels];
    this.#onMessage = onMessage;
    this.#onState = onState;
    this.#attempt();
  }

  onError(listener: (error: unknown) => void): Unsubscribe {
    return this.#errors.on('error', listener);
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
    this.#cancelTimer();
    this.#connection?.discard();
    this.#connection = undefined;
  }

  #attempt(): void {
    if (this.#phase !== 'started') return;
    const connection: SubscriberConnection = this.#dial(
      this.#channels,
      (channel, message) => {
        if (this.#connection === connection) this.#guarded(() => this.#onMessage(channel, message));
      },
      // A dial may fail before it has returned.
      (error) => queueMicrotask(() => this.#lose(connection, error)),
    );
    this.#connection = connection;
    this.#timer(DIAL_DEADLINE_MS, () => {
      this.#lose(connection, new RedisUnavailableError(`no subscription within ${DIAL_DEADLINE_MS} ms`));
    });
    connection.subscribed.then(
      () => this.#confirm(connection),
      (error: unknown) => this.#lose(connection, error),
    );
  }

  #confirm(connection: SubscriberConnection): void {
    if (this.#connection !== connection) return;
    this.#attempts = 0;
    this.#silentPings = 0;
    this.#subscribed = true;
    this.#timer(PING_EVERY_MS, () => this.#ping(connection));
    this.#guarded(() => this.#onState(true));
  }

  /** Two silent intervals, not one: after the process itself was busy, the answer may be there and not read yet. */
  #ping(connection: SubscriberConnection): void {
    if (this.#connection !== connection) return;
    if (this.#silentPings >= SILENT_PINGS) {
      this.#lose(connection, new RedisUnavailableError('the subscription no longer answers'));
      return;
    }
    this.#silentPings++;
    connection.ping().then(
      () => {
        if (this.#connection === connection) this.#silentPings = 0;
      },
      (error: unknown) => this.#lose(connection, error),
    );
    this.#timer(PING_EVERY_MS, () => this.#ping(connection));
  }

  #lose(connection: SubscriberConnection, error: unknown): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    connection.discard();
    this.#timer(reconnectDelayMs(this.#attempts++), () => this.#attempt());
    if (this.#subscribed) {
      this.#subscribed = false;
      this.#guarded(() => this.#onState(false));
    }
    this.#errors.emit('error', error);
  }

  #timer(delayMs: number, fn: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.setTimer(fn, delayMs);
  }

  #guarded(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#errors.emit('error', error);
    }
  }
}
