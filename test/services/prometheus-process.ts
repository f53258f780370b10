import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 5_000;

/** A prometheus that answers. It is killed when this process ends. */
export interface PrometheusProcess {
  readonly url: string;
  /** Its last words: warnings and errors only. */
  log(): string;
  /** Ends it, by its handle, and waits for its exit; may be called again. One that does not hear is killed after 5 s. */
  stop(): Promise<void>;
}

/**
 * Starts prometheus on the loopback interface and waits until it answers.
 *
 * @param config - path of its configuration
 * @param folder - where it works and keeps its data
 * @throws Error with the server's last words, where it does not start
 */
export async function startPrometheusProcess(
  path: string,
  { config, folder, port }: { config: string; folder: string; port: number },
): Promise<PrometheusProcess> {
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const child = spawn(path, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-10_000);
  });
  child.once('error', (error) => {
    log += error.message;
  });
  // A test run that ends without stopping it must not leave a server behind.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('close', () => process.off('exit', killAtExit));
  if (!(await isReady(child, url))) {
    await stop(child);
    throw new Error(`prometheus did not start: ${log}`);
  }
  return { url, log: () => log, stop: () => stop(child) };
}

async function isReady(child: ChildProcess, url: string): Promise<boolean> {
  for (const end = Date.now() + START_DEADLINE_MS; Date.now() < end; await sleep(50)) {
    const isAnswering = await answers(`${url}/-/ready`);
    // Somebody else's may have taken the port.
    if (isOver(child)) return false;
    if (isAnswering) return true;
  }
  return false;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

function isOver(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (isOver(child)) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}
