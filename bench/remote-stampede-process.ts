import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StampedeAnswer, StampedeOrder } from './remote-stampede-child.js';

/** One process of the stampede. It answers orders one at a time. */
export class StampedeProcess {
  readonly #process;
  #fail: ((error: Error) => void) | undefined;

  constructor(url: string) {
    const file = fileURLToPath(new URL('./remote-stampede-child.ts', import.meta.url));
    this.#process = fork(file, [url], { execArgv: ['--import', 'tsx'] });
    this.#process.once('exit', (code) => this.#fail?.(new Error(`a process of the stampede ended with ${code}`)));
  }

  ask(order: StampedeOrder): Promise<StampedeAnswer> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#process.once('message', (answer) => {
        this.#fail = undefined;
        resolve(answer as StampedeAnswer);
      });
      this.#process.send(order);
    });
  }

  end(): void {
    this.#process.disconnect();
  }
}
