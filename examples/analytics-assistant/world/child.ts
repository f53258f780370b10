import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Every process the demo has started and that still runs. Each is ended by its own handle. */
const running = new Set<ChildProcess>();

export interface ChildOptions {
  readonly env?: Record<string, string>;
  readonly nodeOptions?: readonly string[];
}

/** Starts one module of this folder in a process of its own, with the same TypeScript loader as this one. */
export function startChild(module: URL, { env = {}, nodeOptions = [] }: ChildOptions = {}): ChildProcess {
  const child = fork(fileURLToPath(module), {
    execArgv: [...process.execArgv, ...nodeOptions],
    env: { ...process.env, TZ: 'UTC', ...env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Starts a server module and waits until it listens. Returns its address. */
export async function startServer(module: URL, env: Record<string, string> = {}): Promise<string> {
  const child = startChild(module, { env });
  const port = await firstMessage<{ port: number }>(child);
  return `http://127.0.0.1:${port.port}`;
}

/** The next message of a child; rejects when the child ends without one. */
async function firstMessage<T>(child: ChildProcess): Promise<T> {
  const abort = new AbortController();
  const ended = once(child, 'exit', { signal: abort.signal }).then(([code]) => {
    throw new Error(`${child.spawnfile} ${child.spawnargs.at(-1)} ended with code ${code} before it was ready.`);
  });
  const message = once(child, 'message', { signal: abort.signal }).then(([first]) => first as T);
  ended.catch(() => {});
  message.catch(() => {});
  try {
    return await Promise.race([message, ended]);
  } finally {
    abort.abort();
  }
}

/** Ends what is left of the children. */
export function stopChildren(): void {
  for (const child of running) child.kill();
}
