import type { Clock } from '../clock.js';

/**
 * Waits `ms`, or until `end` aborts. The clock's timers do not keep the process alive: whoever waits for the profile does.
 *
 * @throws the reason of `signal` as soon as that aborts
 */
export function profileWait(
  clock: Clock,
  ms: number,
  end: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      cancel();
      end.removeEventListener('abort', settle);
      signal?.removeEventListener('abort', settle);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const cancel = clock.setTimer(settle, ms);
    end.addEventListener('abort', settle);
    signal?.addEventListener('abort', settle);
    if (end.aborted || signal?.aborted) settle();
  });
}
