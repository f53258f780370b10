import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelFetchStats } from '../src/async/connections/model-connections.js';
import { loopbackTls } from '../test/services/loopback-tls.js';

/** What is to be called, and how. */
export interface CallerOrder {
  readonly name: string;
  readonly calls: number;
  readonly atOnce: number;
  /** Of an answer, as it must be. */
  readonly bytes: number;
}

export interface CallerRound {
  readonly ms: number;
  readonly cpuMs: number;
  readonly p95Ms: number;
  readonly stats?: ModelFetchStats;
}

/** The process that calls. It trusts the server's certificate by `NODE_EXTRA_CA_CERTS`, since the global fetch takes no other word. */
export class ConnectionReuseCallers {
  readonly #child: ChildProcess;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hotpath-bench-'));

  constructor(url: string) {
    const ca = join(this.#folder, 'ca.pem');
    writeFileSync(ca, loopbackTls.cert);
    this.#child = fork(fileURLToPath(new URL('connection-reuse-child.ts', import.meta.url)), [url], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
    });
  }

  run(order: CallerOrder): Promise<CallerRound> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`the calling process ended with ${code}`));
      this.#child.once('exit', onExit);
      this.#child.once('message', (round) => {
        this.#child.off('exit', onExit);
        resolve(round as CallerRound);
      });
      this.#child.send(order);
    });
  }

  end(): void {
    this.#child.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
