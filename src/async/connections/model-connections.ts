import { HotpathError } from '../../core/errors.js';
import { closeOnce } from '../../core/lifecycle.js';
import { WarnOnce } from '../../core/logger.js';
import { type HeaderSource, headerOf } from '../rate/header-source.js';
import { ConnectionMeter, type TimeFigures } from './connection-meter.js';
import { translated } from './foreign-objects.js';
import { MeteredAgent } from './metered-agent.js';
import type { ModelFetchSettings } from './model-fetch-options.js';
import { loadUndici, type UndiciModule } from './undici-module.js';

/** What a `fetch` of `createModelFetch` has done, and what it is at. Counts are since it was made. */
export interface ModelFetchStats {
  /** Calls of the `fetch`. */
  readonly calls: number;
  /** Of them, those that ended without a response, except where the caller gave up. */
  readonly failed: number;
  /** Requests put on a connection: a redirect makes two of one call. */
  readonly requests: number;
  /** Requests on a connection that had carried another before. */
  readonly reused: number;
  readonly connects: number;
  readonly connectFailures: number;
  /** TLS handshakes that took up a session of before, which are shorter. */
  readonly sessionsResumed: number;
  /** Until TCP is established, looking up the name included. */
  readonly connectMs: TimeFigures;
  /** TLS handshakes, which come after it. */
  readonly tlsMs: TimeFigures;
  /** Connections that are open now. */
  readonly open: number;
  /** Requests that hold a connection now: until their body has come in. */
  readonly active: number;
  /** Requests that wait for one. */
  readonly pending: number;
}

interface Opened {
  readonly undici: UndiciModule;
  readonly agent: MeteredAgent;
}

/** The connections behind a `fetch`. They are made with the first call. */
export class ModelConnections {
  readonly #settings: ModelFetchSettings;
  readonly #meter: ConnectionMeter;
  readonly #warnings: WarnOnce;
  #calls = 0;
  #failed = 0;
  #isClosed = false;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  readonly close: () => Promise<void> = closeOnce(() => this.#release());

  constructor(settings: ModelFetchSettings) {
    this.#settings = settings;
    this.#meter = new ConnectionMeter(settings.clock);
    this.#warnings = new WarnOnce(settings.logger, settings.clock);
  }

  async ready(): Promise<void> {
    await this.#open();
  }

  async fetch(input: unknown, init: RequestInit | undefined): Promise<Response> {
    if (this.#isClosed) throw closedError();
    this.#calls++;
    this.#noteRetries(init?.headers);
    let response: Response;
    try {
      const { undici, agent } = this.#opened ?? (await this.#open());
      const call = await translated(undici, input, init);
      // A dispatcher of the caller's own (a proxy, a mock) goes before ours.
      response = await undici.fetch(call.input, { dispatcher: agent.dispatcher, ...call.init });
    } catch (error) {
      if (!isAborted(input, init)) this.#failed++;
      throw this.#isClosed ? closedError(error) : error;
    }
    this.#observe(response);
    return response;
  }

  stats(): ModelFetchStats {
    const meter = this.#meter;
    return {
      calls: this.#calls,
      failed: this.#failed,
      requests: meter.sent,
      reused: meter.reused,
      connects: meter.connects,
      connectFailures: meter.connectFailures,
      sessionsResumed: meter.sessionsResumed,
      connectMs: meter.connectMs.figures(),
      tlsMs: meter.tlsMs.figures(),
      ...(this.#opened?.agent.now() ?? { open: 0, active: 0, pending: 0 }),
    };
  }

  #open(): Promise<Opened> {
    this.#opening ??= loadUndici().then((undici) => {
      this.#opened = { undici, agent: new MeteredAgent(undici, this.#settings, this.#meter) };
      return this.#opened;
    });
    return this.#opening;
  }

  #observe(response: Response): void {
    try {
      this.#settings.processor?.observeResponse(response.status, response.headers);
    } catch (error) {
      this.#warnings.warn('observe', { error }, 'hotpath: the processor did not take a response of createModelFetch');
    }
  }

  /** SDKs made by Stainless (openai, anthropic) say which of their own retries a request is. */
  #noteRetries(headers: unknown): void {
    const retry = headerOf(headers as HeaderSource | undefined, 'x-stainless-retry-count');
    if (retry === undefined || !(Number(retry) > 0)) return;
    this.#warnings.warn(
      'sdk-retry',
      { retry: Number(retry) },
      'hotpath: an SDK behind createModelFetch retries by itself: set its maxRetries to 0 where a processor retries too, since the two multiply',
    );
  }

  async #release(): Promise<void> {
    this.#isClosed = true;
    const opened = await this.#opening?.catch(() => undefined);
    if (opened === undefined) return;
    let cancel = (): void => {};
    const late = new Promise<'late'>((resolve) => {
      cancel = this.#settings.clock.setTimer(() => resolve('late'), this.#settings.closeTimeoutMs);
    });
    const outcome = await Promise.race([opened.agent.close(), late]);
    cancel();
    if (outcome === 'late') await opened.agent.destroy();
  }
}

function isAborted(input: unknown, init: RequestInit | undefined): boolean {
  const signal = init?.signal ?? (input as { signal?: AbortSignal } | null)?.signal;
  return signal?.aborted === true;
}

function closedError(cause?: unknown): HotpathError {
  return new HotpathError('this fetch of createModelFetch is closed and makes no more calls', {
    code: 'CLOSED',
    cause,
  });
}
