import type { Steps } from '../assistant/ask.ts';
import { monotonicMs } from './monotonic.ts';

/** A result that this worker used and the other one had paid for. */
export interface SavedCall {
  readonly at: number;
  readonly step: keyof Steps;
}

/** Knows which results this worker has loaded itself. Any other one that it serves was loaded by the other worker. */
export class CallLedger {
  /** One for each such result, when it was first used here. */
  readonly saved: SavedCall[] = [];
  readonly #known = new Set<string>();

  /** The expensive steps themselves: what they return was paid for here. */
  paying(steps: Steps): Steps {
    return this.#watch(steps, (_step, result) => void this.#known.add(result));
  }

  /** The steps as the assistant gets them, cache included. */
  serving(steps: Steps): Steps {
    return this.#watch(steps, (step, result) => {
      if (this.#known.has(result)) return;
      this.#known.add(result);
      this.saved.push({ at: monotonicMs(), step });
    });
  }

  #watch(steps: Steps, seen: (step: keyof Steps, result: string) => void): Steps {
    const watched = <Args extends unknown[], T>(step: keyof Steps, original: (...args: Args) => Promise<T>) => {
      return async (...args: Args): Promise<T> => {
        const result = await original(...args);
        seen(step, JSON.stringify([step, args, result]));
        return result;
      };
    };
    return {
      writeSql: watched('writeSql', steps.writeSql),
      runSql: watched('runSql', steps.runSql),
      writeAnswer: watched('writeAnswer', steps.writeAnswer),
    };
  }
}
