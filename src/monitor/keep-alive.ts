// Imported, so that a host's fake timers are not asked.
import { clearInterval, setInterval } from 'node:timers';

/** Any length does: what counts is that it is there. */
const LONG_MS = 2 ** 30;

/**
 * Keeps the process alive until the work is done: the clock's timers do not, and with nothing else under way the process would end in
 * the middle of what somebody awaits.
 */
export async function keepAlive<T>(work: () => Promise<T>): Promise<T> {
  const handle = setInterval(() => {}, LONG_MS);
  try {
    return await work();
  } finally {
    clearInterval(handle);
  }
}
