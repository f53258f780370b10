import { Emitter, type Unsubscribe } from '../emitter.js';
import { closeOnce } from '../lifecycle.js';
import type { ReadinessSource } from './readiness-watch.js';
import { ReadinessWatch } from './readiness-watch.js';
import type { RedisArgument, RedisPort, RedisReply, RedisSubscriber } from './redis-port.js';
import type { RedisScript } from './script.js';
import { runScript } from './script-runner.js';
import { type Dial, ReconnectingSubscriber } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/** What differs from one kind of client to the next. */
export interface ClientAdapter {
  readonly topology: 'single' | 'cluster';
  readonly ready: boolean;
  readonly readiness: ReadinessSource;
  readonly dial: Dial;
  /** Sends at once or rejects at once. */
  send(key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply>;
  masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]>;
  /** Starts a client that connects on first use. Never throws. */
  connect(): void;
}

/** The port over a client of the host's: it uses the client, listens to it while somebody listens here, and never closes it. */
export class ClientPort implements RedisPort {
  readonly topology: 'single' | 'cluster';
  readonly #adapter: ClientAdapter;
  readonly #events: Emitter<{ readiness: boolean; error: unknown }>;
  readonly #subscribers = new Set<RedisSubscriber>();
  readonly #send = (key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> =>
    this.send(key, args);
  #unwatch: Unsubscribe | undefined;
  #closed = false;

  constructor(adapter: ClientAdapter) {
    this.#adapter = adapter;
    this.topology = adapter.topology;
    this.#events = new Emitter((error, event) => {
      if (event !== 'error') this.#events.emit('error', error);
    });
  }

  get ready(): boolean {
    return !this.#closed && this.#adapter.ready;
  }

  send(key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> {
    return this.#closed ? rejectClosed() : this.#adapter.send(key, args);
  }

  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<RedisReply> {
    return runScript(this.#send, script, keys, args);
  }

  masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]> {
    return this.#closed ? rejectClosed() : this.#adapter.masters();
  }

  subscriber(): RedisSubscriber {
    const subscriber = new ReconnectingSubscriber(this.#adapter.dial);
    if (this.#closed) void subscriber.close();
    else this.#subscribers.add(subscriber);
    return subscriber;
  }

  connect(): void {
    if (!this.#closed) this.#adapter.connect();
  }

  onReadiness(listener: (ready: boolean) => void): Unsubscribe {
    const remove = this.#events.on('readiness', listener);
    if (!this.#closed) {
      this.#unwatch ??= ReadinessWatch.of(this.#adapter.readiness).add((ready) =>
        this.#events.emit('readiness', ready),
      );
    }
    return () => {
      remove();
      if (!this.#events.has('readiness')) this.#stopWatching();
    };
  }

  onError(listener: (error: unknown) => void): Unsubscribe {
    return this.#events.on('error', listener);
  }

  readonly close: () => Promise<void> = closeOnce(async () => {
    this.#closed = true;
    this.#stopWatching();
    await Promise.all([...this.#subscribers].map((subscriber) => subscriber.close()));
    this.#subscribers.clear();
  });

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}

function rejectClosed(): Promise<never> {
  return Promise.reject(new RedisUnavailableError('the connection to Redis was closed'));
}
