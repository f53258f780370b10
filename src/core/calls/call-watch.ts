/**
 * Is told of the end of one call, however it answers: what times calls or measures their memory. Of the answers `succeed`, `fail` and
 * `stop` the first counts. None of its methods throws.
 */
export interface CallWatch {
  /** Counts up over all calls of the process: tells calls within a call from later ones. */
  readonly order: number;
  /** A piece of an answer that is read bit by bit has come. */
  chunk(): void;
  /** @param result - what the call answered, `undefined` for what is read bit by bit */
  succeed(result: unknown): void;
  fail(error: unknown): void;
  /** The end can't be seen. */
  stop(): void;
  /** Watching went wrong. The call goes on. */
  trouble(error: unknown): void;
  /** What is to be done when nobody has read the answer and nobody can any more. Holds neither the answer nor arguments of the call. */
  abandonment(): () => void;
}

let last = 0;

/** The {@link CallWatch.order} of a call that begins now. */
export function nextCall(): number {
  return ++last;
}

/** The {@link CallWatch.order} of the call that began last. */
export function lastCall(): number {
  return last;
}
