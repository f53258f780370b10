import { type ChildProcess, spawn } from 'node:child_process';

const START_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 5_000;

/** A redis-server that accepts connections. It is killed when this process ends. */
export interface RedisProcess {
  readonly pid: number;
  /** Sends a signal: SIGSTOP and SIGCONT to pause it, for instance. */
  signal(name: NodeJS.Signals): void;
  /** Ends it and waits for its exit; may be called again. One that stands still is killed after 5 s. @default 'SIGTERM' */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/**
 * Starts redis-server on the loopback interface, keeping nothing on disk, and waits until it accepts connections.
 *
 * @param folder - its working folder
 * @param args - more of the command line
 * @param env - added to the environment
 * @throws Error with the server's last words, where it does not start
 */
export async function startRedisProcess(
  port: number,
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RedisProcess> {
  const child = spawn(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no', ...args],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  // A test run that ends without closing must not leave a server behind.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  const trouble = await readiness(child);
  if (trouble !== '' || child.pid === undefined) {
    await stop(child, 'SIGTERM');
    throw new Error(`redis-server did not start: ${trouble}`);
  }
  return {
    pid: child.pid,
    signal: (name) => void child.kill(name),
    stop: (signal = 'SIGTERM') => stop(child, signal),
  };
}

/** Empty once the server accepts connections, else its last words. */
function readiness(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let output = '';
    const timer = setTimeout(() => resolve(`not ready after ${START_DEADLINE_MS} ms: ${output}`), START_DEADLINE_MS);
    const done = (trouble: string): void => {
      clearTimeout(timer);
      resolve(trouble);
    };
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-2000);
      if (output.includes('Ready to accept connections')) done('');
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => done(error.message));
    child.once('exit', () => done(output));
  });
}

async function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}
