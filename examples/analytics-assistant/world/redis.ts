import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';

/** A Redis of the demo's own: loopback only, nothing on disk. */
export interface RedisServer {
  readonly url: string;
  /** SIGSTOP: it takes connections and bytes, and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
}

const MISSING =
  'The demo with --redis needs redis-server on the PATH: `apt-get install redis-server` on Debian and Ubuntu, `brew install redis` on macOS.';
const STARTS = 5;

/** Starts it on a free port. It ends with this process. Rejects with what to do where there is no redis-server. */
export async function startRedis(): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', tmpdir(), '--save', '', '--appendonly', 'no'];
    const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    // A stopped process does not hear SIGTERM.
    process.once('exit', () => server.kill('SIGKILL'));
    const trouble = await readiness(server);
    if (trouble === '') {
      return {
        url: `redis://127.0.0.1:${port}`,
        pause: () => server.kill('SIGSTOP'),
        resume: () => server.kill('SIGCONT'),
      };
    }
    // Somebody else may have taken the port.
    if (attempt === STARTS) throw new Error(`redis-server did not start: ${trouble}`);
  }
}

/** Empty once it accepts connections, else its last words. */
function readiness(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-1_000);
      if (output.includes('Ready to accept connections')) resolve('');
    });
    server.once('exit', () => resolve(output));
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new Error(MISSING) : error);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
