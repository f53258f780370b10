import type { AsyncEventSource } from './async-event-source.js';
import { RecentTimes } from './recent-times.js';

/** What a call has come to. */
export interface CallFigures {
  readonly attempts: number;
  readonly queueMs: number;
  readonly runMs: number;
}

/** What a processor has done so far. A call counts once, however often it was tried. */
export class ProcessorCounts {
  completed = 0;
  failed = 0;
  retried = 0;
  timedOut = 0;
  dropped = 0;
  /** Functions that did not stop in time and have lost their slot, in all. */
  abandoned = 0;
  readonly times: RecentTimes = new RecentTimes();
  readonly #events: AsyncEventSource;

  constructor(events: AsyncEventSource) {
    this.#events = events;
  }

  /** A call has come to its end. */
  settled(isFulfilled: boolean, { attempts, queueMs, runMs }: CallFigures, group: string): void {
    if (isFulfilled) this.completed++;
    else this.failed++;
    if (attempts > 0) this.times.record(runMs);
    if (this.#events.watchesCalls) this.#tell(isFulfilled, { attempts, queueMs, runMs }, group);
  }

  #tell(isFulfilled: boolean, figures: CallFigures, group: string): void {
    this.#events.emit('settled', { status: isFulfilled ? 'fulfilled' : 'rejected', ...figures, group });
  }
}
