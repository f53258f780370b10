import { arch, availableParallelism, type } from 'node:os';

/** Where and when the figures were taken, in one line. */
export function machineLine(now: Date = new Date()): string {
  const cores = availableParallelism();
  const where = `${cores} ${cores === 1 ? 'core' : 'cores'}, ${type()} ${arch()}, Node ${process.versions.node}`;
  return `${now.toISOString().slice(0, 10)}, ${where}`;
}
