import { type ModuleChannels, moduleChannels } from '../core/channel.js';
import type { Clock } from '../core/clock.js';
import { Emitter, type Unsubscribe } from '../core/emitter.js';
import { InvalidOptionError } from '../core/errors.js';
import { type Logger, WarnOnce } from '../core/logger.js';
import { EVENT_NAMES, type MemoryEvents } from './memory-events.js';

type Name = keyof MemoryEvents;

/** Sends a manager's events to its listeners and to `hotpath:memory:<event>`, and its troubles to the log. */
export class MemoryEventSource {
  readonly #name: string;
  readonly #emitter: Emitter<MemoryEvents>;
  readonly #channels: ModuleChannels<Name> = moduleChannels<Name>('memory');
  readonly #log: WarnOnce;

  constructor(name: string, logger: Logger | undefined, clock: Clock) {
    this.#name = name;
    this.#log = new WarnOnce(logger, clock);
    this.#emitter = new Emitter<MemoryEvents>((error, event) => {
      // A broken listener of `error` itself must not call itself.
      if (event === 'error') this.#log.warn('listener', { error }, "a listener of 'error' threw");
      else this.trouble(error, `a listener of '${event}'`);
    });
  }

  on<N extends Name>(name: N, listener: (data: MemoryEvents[N]) => void): Unsubscribe {
    if (!EVENT_NAMES.includes(name)) throw new InvalidOptionError('event', `one of ${EVENT_NAMES.join(', ')}`, name);
    if (typeof listener !== 'function') throw new InvalidOptionError('listener', 'a function', listener);
    return this.#emitter.on(name, listener);
  }

  /** Whether building the event's data is worth it. */
  wants(name: Name): boolean {
    return this.#emitter.has(name) || this.#channels(name).hasSubscribers;
  }

  /** Told in the same turn, after the work at hand: a listener may call the manager, and finds it whole. */
  emit<N extends Name>(name: N, data: MemoryEvents[N]): void {
    queueMicrotask(() => this.#deliver(name, data));
  }

  #deliver<N extends Name>(name: N, data: MemoryEvents[N]): void {
    this.#emitter.emit(name, data);
    const channel = this.#channels(name);
    if (channel.hasSubscribers) channel.publish({ namespace: this.#name, ...data });
  }

  /** For the log, once a minute. */
  warn(what: string, data: object): void {
    this.#log.warn(what, { ...data, manager: this.#name }, `hotpath memory: ${what}`);
  }

  /** Something of ours or of a hook failed, and the host's work goes on. */
  trouble(error: unknown, during: string): void {
    this.#log.warn(during, { error, during, manager: this.#name }, `hotpath memory: trouble in ${during}`);
    this.emit('error', { error, during });
  }
}
