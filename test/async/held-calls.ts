import type { CallContext } from '../../src/async/call-context.js';

/** A call that lasts until the test ends it. */
export interface HeldCall<Item> {
  readonly item: Item;
  readonly context: CallContext;
  succeed(value?: unknown): void;
  fail(error: unknown): void;
}

/** Functions for a processor whose calls the test ends one by one, in whatever order. They do not listen to their signals. */
export class HeldCalls<Item> {
  /** Those under way, oldest first. */
  readonly running: HeldCall<Item>[] = [];
  /** What was begun, in that order. A retry is one more. */
  readonly begun: Item[] = [];
  /** How many ran at once at the most. */
  most = 0;

  /** For `process()` and `stream()`. */
  readonly forItem = (item: Item, context: CallContext): Promise<string> => this.#begin(item, context);

  /** For `run()`. */
  as(item: Item): (context: CallContext) => Promise<string> {
    return (context) => this.#begin(item, context);
  }

  /** The call of an item that runs. */
  of(item: Item): HeldCall<Item> {
    const found = this.running.find((call) => call.item === item);
    if (found === undefined) throw new Error(`${String(item)} does not run`);
    return found;
  }

  succeedAll(): void {
    for (const call of [...this.running]) call.succeed();
  }

  #begin(item: Item, context: CallContext): Promise<string> {
    this.begun.push(item);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        const at = this.running.indexOf(call);
        if (at < 0) throw new Error(`${String(item)} has ended before`);
        this.running.splice(at, 1);
      };
      const call: HeldCall<Item> = {
        item,
        context,
        succeed: (value = answerTo(item)) => {
          end();
          resolve(value as string);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      this.running.push(call);
      this.most = Math.max(this.most, this.running.length);
    });
  }
}

/** What a call that is told nothing else answers with. */
export function answerTo(item: unknown): string {
  return `answer to ${String(item)}`;
}
