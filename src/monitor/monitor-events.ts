import { type ModuleChannels, moduleChannels } from '../core/channel.js';
import type { Clock } from '../core/clock.js';
import { Emitter, type Unsubscribe } from '../core/emitter.js';
import { HotpathError, InvalidOptionError } from '../core/errors.js';
import { type Logger, WarnOnce } from '../core/logger.js';
import type { AlertEvent } from './alerts/alert-event.js';
import { EventQueue, MOST_CAUSED } from './event-queue.js';
import type { Mark } from './mark.js';

/** Events of a {@link PerformanceMonitor}. */
export interface MonitorEvents {
  /** A rule fires. Once per incident, and again only where the rule says `repeatEvery`. */
  alert: AlertEvent;
  /** An incident is over. */
  resolved: AlertEvent;
  /** Something was marked: by the host, or by a profile or an attached module. */
  mark: Mark;
  /** A name or its labels found no place among `maxSeries`: told once per name. Its values are counted in an overflow series. */
  overflow: { name: string; maxSeries: number };
  /** Trouble inside hotpath or in a listener, sink or callback of the host, which did not reach the call. */
  error: { error: unknown; during: string };
}

type Name = keyof MonitorEvents;

/** The names of all events. */
export const MONITOR_EVENT_NAMES: readonly Name[] = ['alert', 'resolved', 'mark', 'overflow', 'error'];

/**
 * Sends a monitor's events to its listeners and to `hotpath:monitor:<event>`, and its troubles to the log. At once, except for those
 * that listeners raise: these follow when the event under way has been delivered.
 */
export class MonitorEventSource {
  readonly #monitorId: string;
  readonly #log: WarnOnce;
  readonly #channels: ModuleChannels<Name> = moduleChannels<Name>('monitor');
  readonly #emitter: Emitter<MonitorEvents>;
  readonly #queue: EventQueue;

  constructor(monitorId: string, logger: Logger | undefined, clock: Clock) {
    this.#monitorId = monitorId;
    this.#log = new WarnOnce(logger, clock);
    this.#queue = new EventQueue(clock, (dropped) => this.#sendDropped(dropped));
    this.#emitter = new Emitter<MonitorEvents>((error, event) => {
      // A broken listener of `error` itself must not call itself.
      if (event === 'error') this.#log.warn('listener', { error }, "a listener of 'error' threw");
      else this.#listenerFailed(error, `a listener of '${event}'`);
    });
  }

  on<N extends Name>(name: N, listener: (data: MonitorEvents[N]) => void): Unsubscribe {
    if (!MONITOR_EVENT_NAMES.includes(name)) {
      throw new InvalidOptionError('event', `one of ${MONITOR_EVENT_NAMES.join(', ')}`, name);
    }
    if (typeof listener !== 'function') throw new InvalidOptionError('listener', 'a function', listener);
    return this.#emitter.on(name, listener);
  }

  emit<N extends Name>(name: N, data: MonitorEvents[N]): void {
    this.#queue.raise(() => this.#send(name, data));
  }

  /** Something of ours or of a hook failed, and the host's call goes on. */
  trouble(error: unknown, during: string): void {
    this.#logTrouble(error, during);
    this.emit('error', { error, during });
  }

  warn(what: string, data: object): void {
    this.#log.warn(what, data, `hotpath monitor: ${what}`);
  }
  #listenerFailed(error: unknown, during: string): void {
    this.#logTrouble(error, during);
    // Also one that failed later, as an async listener does.
    this.#queue.raiseCaused(() => this.#send('error', { error, during }));
  }

  #sendDropped(dropped: number): void {
    const what = `listeners raised events, or failed, more than ${MOST_CAUSED} times in a second`;
    const error = new HotpathError(`${what}: ${dropped} such events are dropped so far`, { code: 'EVENTS_DROPPED' });
    this.#logTrouble(error, 'events');
    this.#send('error', { error, during: 'events' });
  }

  #send<N extends Name>(name: N, data: MonitorEvents[N]): void {
    this.#emitter.emit(name, data);
    const channel = this.#channels(name);
    if (channel.hasSubscribers) channel.publish({ monitor: this.#monitorId, ...data });
  }

  #logTrouble(error: unknown, during: string): void {
    this.#log.warn(during, { error, during }, `hotpath monitor: trouble in ${during}`);
  }
}
