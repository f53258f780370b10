import type { Clock } from '../core/clock.js';
import { type Logger, WarnOnce } from '../core/logger.js';

/** Catches what fails inside OpenTelemetry, or in a function of the mapping: counted, logged once a minute, never passed on. */
export class BridgeTroubles {
  readonly #log: WarnOnce;
  count = 0;

  constructor(logger: Logger | undefined, clock: Clock) {
    this.#log = new WarnOnce(logger, clock);
  }

  /** What `work` answers; `undefined` where it threw. */
  guard<T>(during: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.report(error, during);
      return undefined;
    }
  }

  report(error: unknown, during: string): void {
    this.count++;
    this.#log.warn(during, { error, during }, `hotpath otel: trouble in ${during}`);
  }
}
