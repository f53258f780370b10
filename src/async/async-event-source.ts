import { type ModuleChannels, moduleChannels } from '../core/channel.js';
import type { Clock } from '../core/clock.js';
import { Emitter, type Unsubscribe } from '../core/emitter.js';
import { InvalidOptionError } from '../core/errors.js';
import { type Logger, WarnOnce } from '../core/logger.js';
import { type AsyncEvents, EVENT_NAMES } from './events.js';

type Name = keyof AsyncEvents;

/** Sends a processor's events to its listeners and to `hotpath:async:<event>`, and its troubles to the log. */
export class AsyncEventSource {
  readonly #name: string;
  readonly #emitter: Emitter<AsyncEvents>;
  readonly #channels: ModuleChannels<Name> = moduleChannels<Name>('async');
  readonly #settledChannel: ReturnType<ModuleChannels<Name>> = this.#channels('settled');
  readonly #log: WarnOnce;
  #callListeners = 0;

  constructor(name: string, logger: Logger | undefined, clock: Clock) {
    this.#name = name;
    this.#log = new WarnOnce(logger, clock);
    this.#emitter = new Emitter<AsyncEvents>((error, event) => {
      // A broken listener of `error` itself must not call itself.
      if (event === 'error') this.#log.warn('listener', { error }, "a listener of 'error' threw");
      else this.trouble(error, `a listener of '${event}'`);
    });
  }

  on<N extends Name>(name: N, listener: (data: AsyncEvents[N]) => void): Unsubscribe {
    if (!EVENT_NAMES.includes(name)) throw new InvalidOptionError('event', `one of ${EVENT_NAMES.join(', ')}`, name);
    if (typeof listener !== 'function') throw new InvalidOptionError('listener', 'a function', listener);
    const off = this.#emitter.on(name, listener);
    if (name !== 'settled') return off;
    this.#callListeners++;
    let active = true;
    return () => {
      if (active) this.#callListeners--;
      active = false;
      off();
    };
  }

  /** Whether somebody listens to the end of each call: every call asks this and nothing else. */
  get watchesCalls(): boolean {
    return this.#callListeners > 0 || this.#settledChannel.hasSubscribers;
  }

  /** Told in the same turn, after the operation at hand: a listener may call the processor, and finds it whole. */
  emit<N extends Name>(name: N, data: AsyncEvents[N]): void {
    queueMicrotask(() => this.#deliver(name, data));
  }

  #deliver<N extends Name>(name: N, data: AsyncEvents[N]): void {
    this.#emitter.emit(name, data);
    const channel = this.#channels(name);
    if (channel.hasSubscribers) channel.publish({ namespace: this.#name, ...data });
  }

  /** For the log, once a minute. */
  warn(what: string, data: object): void {
    this.#log.warn(what, { ...data, processor: this.#name }, `hotpath async: ${what}`);
  }

  /** Something of ours or of a hook failed, and the host's call goes on. */
  trouble(error: unknown, during: string): void {
    this.#log.warn(during, { error, during, processor: this.#name }, `hotpath async: trouble in ${during}`);
    this.emit('error', { error, during });
  }
}
