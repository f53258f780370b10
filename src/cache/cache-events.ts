import { type ModuleChannels, moduleChannels } from '../core/channel.js';
import type { Clock } from '../core/clock.js';
import { Emitter, type Unsubscribe } from '../core/emitter.js';
import { InvalidOptionError } from '../core/errors.js';
import { type Logger, WarnOnce } from '../core/logger.js';
import { type CacheEvents, EVENT_NAMES } from './events.js';

type Name = keyof CacheEvents;

/** Sends a cache's events to its listeners and to `hotpath:cache:<event>`, and its troubles to the log. */
export class CacheEventSource {
  readonly #namespace: string;
  readonly #emitter: Emitter<CacheEvents>;
  readonly #channels: ModuleChannels<Name> = moduleChannels<Name>('cache');
  readonly #hitChannel: ReturnType<ModuleChannels<Name>> = this.#channels('hit');
  readonly #log: WarnOnce;
  #hitListeners = 0;

  constructor(namespace: string, logger: Logger | undefined, clock: Clock) {
    this.#namespace = namespace;
    this.#log = new WarnOnce(logger, clock);
    this.#emitter = new Emitter<CacheEvents>((error, event) => {
      // A broken listener of `error` itself must not call itself.
      if (event === 'error') this.#log.warn('listener', { error }, "a listener of 'error' threw");
      else this.trouble(error, `a listener of '${event}'`);
    });
  }

  on<N extends Name>(name: N, listener: (data: CacheEvents[N]) => void): Unsubscribe {
    if (!EVENT_NAMES.includes(name)) throw new InvalidOptionError('event', `one of ${EVENT_NAMES.join(', ')}`, name);
    if (typeof listener !== 'function') throw new InvalidOptionError('listener', 'a function', listener);
    const off = this.#emitter.on(name, listener);
    if (name !== 'hit') return off;
    this.#hitListeners++;
    let active = true;
    return () => {
      if (active) this.#hitListeners--;
      active = false;
      off();
    };
  }

  /** Whether somebody listens to hits: the hit path asks this and nothing else. */
  get watchesHits(): boolean {
    return this.#hitListeners > 0 || this.#hitChannel.hasSubscribers;
  }

  /** Whether building the event's data is worth it. */
  wants(name: Name): boolean {
    return this.#emitter.has(name) || this.#channels(name).hasSubscribers;
  }

  /**
   * Told in the same turn, but not before the operation at hand has done its work: a listener that reads or writes the cache
   * finds it whole. Each in a microtask of its own, which keeps the async context of the call it is about.
   */
  emit<N extends Name>(name: N, data: CacheEvents[N]): void {
    queueMicrotask(() => this.#deliver(name, data));
  }

  #deliver<N extends Name>(name: N, data: CacheEvents[N]): void {
    this.#emitter.emit(name, data);
    const channel = this.#channels(name);
    if (channel.hasSubscribers) channel.publish({ namespace: this.#namespace, ...data });
  }

  /** For the log, once a minute. */
  warn(what: string, data: object): void {
    this.#log.warn(what, { ...data, namespace: this.#namespace }, `hotpath cache: ${what}`);
  }

  /** Something of ours or of a hook failed, and the host's call goes on. */
  trouble(error: unknown, during: string): void {
    this.#log.warn(during, { error, during, namespace: this.#namespace }, `hotpath cache: trouble in ${during}`);
    this.emit('error', { error, during });
  }
}
