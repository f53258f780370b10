import type { Clock } from './clock.js';

/** The part of a logger that hotpath uses: a pino, bunyan or console-like object with the data first. */
export interface Logger {
  debug(data: object, message?: string): void;
  info(data: object, message?: string): void;
  warn(data: object, message?: string): void;
  error(data: object, message?: string): void;
}

const WINDOW_MS = 60_000;
const MOST_TOPICS = 100;

/**
 * Warns once per topic and minute, so that a broken Redis does not fill the host's log. The next warning says how many
 * were held back. A logger that throws is ignored.
 */
export class WarnOnce {
  readonly #logger: Logger | undefined;
  readonly #clock: Clock;
  readonly #topics = new Map<string, { until: number; held: number }>();

  constructor(logger: Logger | undefined, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  warn(topic: string, data: object, message: string): void {
    if (!this.#logger) return;
    const now = this.#clock.now();
    const last = this.#topics.get(topic);
    if (last && now < last.until) {
      last.held++;
      return;
    }
    if (this.#topics.size >= MOST_TOPICS) this.#topics.clear();
    this.#topics.set(topic, { until: now + WINDOW_MS, held: 0 });
    try {
      const facts = last && last.held > 0 ? { ...data, heldBack: last.held } : data;
      const result: unknown = this.#logger.warn(facts, message);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // A logger's trouble is not the host call's trouble.
    }
  }
}
