import { flushMicrotasks } from '../manual-clock.js';

/** The reasons of the rejections that stay unhandled while something runs. Vitest, which fails on them, is kept out meanwhile. */
export async function unhandledDuring(run: () => unknown): Promise<unknown[]> {
  const seen: unknown[] = [];
  const listen = (reason: unknown): void => void seen.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listen);
  try {
    await run();
    for (let i = 0; i < 3; i++) await flushMicrotasks();
  } finally {
    process.off('unhandledRejection', listen);
    for (const other of others) process.on('unhandledRejection', other);
  }
  return seen;
}
