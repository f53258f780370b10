/** What came of it, and how many milliseconds it took. */
export async function timed<T>(run: () => T | Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const began = performance.now();
  const value = await run();
  return { value, ms: performance.now() - began };
}
