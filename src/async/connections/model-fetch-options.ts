import type { ConnectionOptions } from 'node:tls';
import { type Clock, systemClock } from '../../core/clock.js';
import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import type { Logger } from '../../core/logger.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { integer } from '../../core/option-values.js';
import type { HeaderSource } from '../rate/header-source.js';

/** Who wants to know of every response: an `AsyncProcessor`. */
export interface ResponseObserver {
  observeResponse(status: number, headers: HeaderSource): void;
}

/** What TLS connections stand on, as `tls.connect()` takes it. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'servername' | 'rejectUnauthorized' | 'minVersion' | 'ciphers'
>;

/** Options of {@link createModelFetch}. */
export interface ModelFetchOptions {
  /** Connections to one origin at most; further calls wait for one of them. Default 16. */
  readonly connections?: number;
  /** How long an idle connection is kept for the next call; a server that says less is believed. 0: each call makes its own. Default 30 s. */
  readonly keepAlive?: Duration;
  /** For TCP and TLS together. Default 10 s. */
  readonly connectTimeout?: Duration;
  /** From a request sent until the head of its answer; a model that answers in one piece thinks before it. Default 10 min. */
  readonly headersTimeout?: Duration;
  /** Between two pieces of an answer. Default 5 min. */
  readonly bodyTimeout?: Duration;
  /** How long `close()` waits for what is under way. Default 10 s. */
  readonly closeTimeout?: Duration;
  /** A longer body fails while it is read. Default: no bound. */
  readonly maxResponseBytes?: number;
  readonly tls?: TlsOptions;
  /** Is told status and headers of every response: they feed its rate limit. */
  readonly processor?: ResponseObserver;
  readonly logger?: Logger;
  /** For tests. Default: the process's clock. */
  readonly clock?: Clock;
}

/** What options are where they are not given. */
export const MODEL_FETCH_DEFAULTS: Readonly<{
  connections: number;
  keepAlive: Duration;
  connectTimeout: Duration;
  headersTimeout: Duration;
  bodyTimeout: Duration;
  closeTimeout: Duration;
}> = Object.freeze({
  connections: 16,
  keepAlive: '30s',
  connectTimeout: '10s',
  headersTimeout: '10m',
  bodyTimeout: '5m',
  closeTimeout: '10s',
});

/** Options as they were checked, in milliseconds. */
export interface ModelFetchSettings {
  readonly connections: number;
  readonly keepAliveMs: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly maxResponseBytes: number | undefined;
  readonly tls: TlsOptions;
  readonly processor: ResponseObserver | undefined;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
}

const NAMES = [...Object.keys(MODEL_FETCH_DEFAULTS), 'maxResponseBytes', 'tls', 'processor', 'logger', 'clock'];

/** @throws InvalidOptionError for the first option that is none */
export function resolveModelFetch(given: ModelFetchOptions): ModelFetchSettings {
  checkOptions('options', given);
  checkNames('', given, NAMES, { show: () => undefined });
  const d = MODEL_FETCH_DEFAULTS;
  const { processor, tls = {}, maxResponseBytes } = given;
  checkOptions('tls', tls);
  if (processor !== undefined && typeof processor?.observeResponse !== 'function') {
    throw new InvalidOptionError('processor', 'an AsyncProcessor, or an object with observeResponse()', processor);
  }
  return {
    connections: integer('connections', given.connections ?? d.connections, 1),
    keepAliveMs: toMs('keepAlive', given.keepAlive ?? d.keepAlive, { infinite: false }),
    connectTimeoutMs: toMs('connectTimeout', given.connectTimeout ?? d.connectTimeout, { zero: false }),
    headersTimeoutMs: toMs('headersTimeout', given.headersTimeout ?? d.headersTimeout, { zero: false }),
    bodyTimeoutMs: toMs('bodyTimeout', given.bodyTimeout ?? d.bodyTimeout, { zero: false }),
    closeTimeoutMs: toMs('closeTimeout', given.closeTimeout ?? d.closeTimeout),
    maxResponseBytes: maxResponseBytes === undefined ? undefined : integer('maxResponseBytes', maxResponseBytes, 1),
    tls,
    processor,
    logger: given.logger,
    clock: given.clock ?? systemClock(),
  };
}
