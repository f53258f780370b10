// Imported, so that a host's fake timers are not asked.
import { clearInterval, setInterval } from 'node:timers';

/** Any length does: what counts is that it is there. */
const LONG_MS = 2 ** 30;

/** Keeps the process alive while it is held. Holding and letting go cost next to nothing, so it may be done for each call. */
export class KeepAlive {
  #handle: NodeJS.Timeout | undefined;

  hold(): void {
    if (this.#handle === undefined) this.#handle = setInterval(nothing, LONG_MS);
    else this.#handle.ref();
  }

  /** The process may end. What is needed to hold it again stays. */
  release(): void {
    this.#handle?.unref();
  }

  /** The process may end, and nothing stays behind. It may be held again all the same. */
  end(): void {
    clearInterval(this.#handle);
    this.#handle = undefined;
  }
}

/**
 * Keeps the process alive until the work is done: the clock's timers do not, and with nothing else under way the process would end in
 * the middle of what somebody awaits.
 */
export async function keepAlive<T>(work: () => Promise<T>): Promise<T> {
  const held = new KeepAlive();
  held.hold();
  try {
    return await work();
  } finally {
    held.end();
  }
}

function nothing(): void {}
