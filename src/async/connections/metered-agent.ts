import type { ConnectionMeter } from './connection-meter.js';
import { meteredClient } from './metered-client.js';
import type { ModelFetchSettings } from './model-fetch-options.js';
import type { UndiciAgent, UndiciModule, UndiciPool } from './undici-module.js';

/** An agent of undici whose connections report to a meter. */
export class MeteredAgent {
  readonly dispatcher: UndiciAgent;
  /** An agent that was closed has forgotten its pools, though they may still be at work. */
  readonly #pools = new Set<UndiciPool>();

  constructor(undici: UndiciModule, settings: ModelFetchSettings, meter: ConnectionMeter) {
    const { connections, keepAliveMs, maxResponseBytes, tls } = settings;
    const connect = undici.buildConnector({ ...tls, timeout: orNever(settings.connectTimeoutMs) });
    const Client = meteredClient(undici.Client, meter);
    const pool = (origin: unknown, options: object): UndiciPool =>
      new undici.Pool(origin, {
        ...options,
        connections,
        factory: (to: unknown, clientOptions: object) => new Client(to, clientOptions),
      });
    this.dispatcher = new undici.Agent({
      connect: meter.metered(connect),
      headersTimeout: orNever(settings.headersTimeoutMs),
      bodyTimeout: orNever(settings.bodyTimeoutMs),
      // With pipelining 0 a connection is closed after its request.
      ...(keepAliveMs > 0 ? { keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs } : { pipelining: 0 }),
      ...(maxResponseBytes === undefined ? {} : { maxResponseSize: maxResponseBytes }),
      factory: (origin: unknown, options: object) => this.#kept(pool(origin, options)),
    });
  }

  /** Connections that are open, requests that hold one, and requests that wait for one. */
  now(): { open: number; active: number; pending: number } {
    const figures = { open: 0, active: 0, pending: 0 };
    for (const { connected, running, size } of Object.values(this.dispatcher.stats)) {
      figures.open += connected;
      figures.active += running;
      figures.pending += size - running;
    }
    return figures;
  }

  /** Resolves when all that is under way has ended. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }

  /** Ends what is under way. */
  async destroy(): Promise<void> {
    await Promise.all(Array.from(this.#pools, (pool) => pool.destroy()));
  }

  /** The agent closes pools that have lost their last connection, and makes new ones: those that ended are dropped here. */
  #kept(pool: UndiciPool): UndiciPool {
    for (const other of this.#pools) if (other.closed) this.#pools.delete(other);
    this.#pools.add(pool);
    return pool;
  }
}

/** undici takes 0 for no timeout. */
function orNever(ms: number): number {
  return ms === Number.POSITIVE_INFINITY ? 0 : ms;
}
