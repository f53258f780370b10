import { endWhenCollected, forget } from './abandoned-calls.js';
import { type CallWatch, lastCall } from './call-watch.js';
import { ReplacedMethods } from './replaced-methods.js';

/** Calls within calls that one answer can end. */
const MOST_CALLS = 8;

const open = new WeakMap<object, WatchedAnswer>();

/** An answer that is still to be awaited or read, and the calls that end with it. */
export class WatchedAnswer {
  readonly methods: ReplacedMethods = new ReplacedMethods();
  /** Held by all that reads the answer, so that it is not collected under way. */
  readonly #answer: object;
  readonly #openedAt: number = lastCall();
  readonly #calls: CallWatch[] = [];
  #reader: unknown;
  #isReleased = false;
  #isOver = false;

  constructor(answer: object, call: CallWatch) {
    this.#answer = answer;
    open.set(answer, this);
    this.#take(call);
  }

  /** A call around the one that answered first ends with it too. A later one that answers the same again does not. */
  join(call: CallWatch): boolean {
    if (call.order > this.#openedAt || this.#calls.length >= MOST_CALLS) return false;
    this.#take(call);
    return true;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether this reader is the one that counts: the first to read. */
  isReadBy(reader: unknown): boolean {
    this.#reader ??= reader;
    return this.#reader === reader;
  }

  chunk(): void {
    for (const call of this.#calls) call.chunk();
  }

  /** Read to the end, or as far as somebody wanted. */
  done(): void {
    this.end((call) => call.succeed(undefined));
  }

  fail(error: unknown): void {
    this.end((call) => call.fail(error));
  }

  /** The end can't be seen, maybe for a trouble. */
  stop(trouble?: unknown): void {
    if (trouble !== undefined) this.#calls[0]?.trouble(trouble);
    this.end((call) => call.stop());
  }

  end(tell: (call: CallWatch) => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.release();
    forget(this);
    for (const call of this.#calls) tell(call);
  }

  /** Gives the answer back as it was. Its calls go on. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.methods.restore();
    open.delete(this.#answer);
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  #take(call: CallWatch): void {
    this.#calls.push(call);
    endWhenCollected(this.#answer, call.abandonment(), this);
  }
}

/**
 * Lets a call end with its answer. Never throws, and where the answer can't be watched the call ends here.
 *
 * @param watch - sees to it that the answer's end is told; whether it could
 */
export function watchAnswer<T extends object>(
  call: CallWatch,
  answer: T,
  watch: (answer: T, watched: WatchedAnswer) => boolean,
): void {
  const held = open.get(answer);
  if (held) {
    if (!held.join(call)) call.stop();
    return;
  }
  const watched = new WatchedAnswer(answer, call);
  try {
    if (Object.isExtensible(answer) && watch(answer, watched)) return;
    watched.stop();
  } catch (error) {
    watched.stop(error);
  }
}
