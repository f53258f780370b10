import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import type { Logger } from '../../core/logger.js';
import type { AlertMessage } from './alert-event.js';
import { messageText } from './alert-message.js';

/** Where alerts are sent. */
export interface AlertSink {
  /** For reports of its trouble. Default: its number. */
  readonly name?: string;
  /** How long one attempt may take before `signal` aborts it. Default `'10s'`. */
  readonly timeout?: Duration;
  /**
   * Delivers one message: it has when the promise resolves. Messages come one by one, in order. What fails is tried again, up
   * to three times in all, so a message whose answer was lost may come twice: `incident` and `state` tell it.
   */
  send(message: AlertMessage, signal: AbortSignal): void | Promise<void>;
}

/** A sink, or just its `send`. */
export type AlertSinkLike = AlertSink | AlertSink['send'];

/** A sink as deliveries work with it. */
export interface ResolvedSink {
  readonly name: string;
  readonly timeoutMs: number;
  readonly send: (message: AlertMessage, signal: AbortSignal) => unknown;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** @throws InvalidOptionError unless it is a function, or an object with `send` */
export function resolveSink(sink: AlertSinkLike, index: number): ResolvedSink {
  const option = `sinks[${index}]`;
  if (typeof sink === 'function') {
    return { name: sink.name || `sink ${index + 1}`, timeoutMs: DEFAULT_TIMEOUT_MS, send: sink };
  }
  if (typeof sink !== 'object' || sink === null || typeof sink.send !== 'function') {
    throw new InvalidOptionError(option, 'a function, or an object with a function send', sink);
  }
  const timeoutMs = toMs(`${option}.timeout`, sink.timeout ?? DEFAULT_TIMEOUT_MS, { zero: false, infinite: false });
  return { name: sink.name || `sink ${index + 1}`, timeoutMs, send: (message, signal) => sink.send(message, signal) };
}

/**
 * Writes alerts to a logger: critical ones as errors, others as warnings, resolved ones as information, the message under
 * `alert`.
 */
export function logSink(logger: Pick<Logger, 'info' | 'warn' | 'error'>): AlertSink {
  for (const level of ['info', 'warn', 'error'] as const) {
    if (typeof logger?.[level] === 'function') continue;
    throw new InvalidOptionError('logger', 'an object with the functions info, warn and error', logger);
  }
  return {
    name: 'log',
    send(message) {
      const level = message.state === 'resolved' ? 'info' : message.severity === 'critical' ? 'error' : 'warn';
      // Handed on: where it is a promise, its rejection is this sink's trouble.
      return logger[level]({ alert: message }, `alert ${messageText(message)}`);
    },
  };
}
