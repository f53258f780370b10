import type { Clock } from '../../core/clock.js';
import { RecentTimes } from '../recent-times.js';
import type { ConnectCallback, UndiciConnector } from './undici-module.js';

/** How long something took, in milliseconds; `undefined` where it has not happened. */
export interface TimeFigures {
  readonly mean: number | undefined;
  /** Of the last 1,024. */
  readonly p95: number | undefined;
}

/** The part of a socket that is looked at. */
interface SocketLike {
  once(event: 'connect', listener: () => void): unknown;
  isSessionReused?(): boolean;
}

class Times {
  readonly #recent = new RecentTimes();
  #sum = 0;
  #count = 0;

  record(ms: number): void {
    this.#recent.record(ms);
    this.#sum += ms;
    this.#count++;
  }

  figures(): TimeFigures {
    return { mean: this.#count === 0 ? undefined : this.#sum / this.#count, p95: this.#recent.p95() };
  }
}

/** Counts and times what happens to connections. */
export class ConnectionMeter {
  /** Requests that were put on a connection. */
  sent = 0;
  /** Of them, those on a connection that had carried one before. */
  reused = 0;
  connects = 0;
  connectFailures = 0;
  /** TLS handshakes that took up a session of before. */
  sessionsResumed = 0;
  /** Until TCP is established, looking up the name included. */
  readonly connectMs: Times = new Times();
  /** From then on until the handshake is done. */
  readonly tlsMs: Times = new Times();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A connector that reports here. */
  metered(connect: UndiciConnector): UndiciConnector {
    return (options, callback) => {
      const began = this.#clock.now();
      let established: number | undefined;
      const done: ConnectCallback = (error, socket) => {
        if (error) this.connectFailures++;
        else this.#connected(options.protocol === 'https:', began, established, socket as SocketLike);
        callback(error, socket);
      };
      const socket = connect(options, done) as SocketLike | undefined;
      socket?.once('connect', () => {
        established = this.#clock.now();
      });
      return socket;
    };
  }

  #connected(isTls: boolean, began: number, established: number | undefined, socket: SocketLike): void {
    const now = this.#clock.now();
    this.connects++;
    this.connectMs.record((established ?? now) - began);
    if (!isTls) return;
    this.tlsMs.record(now - (established ?? now));
    if (socket.isSessionReused?.() === true) this.sessionsResumed++;
  }
}
