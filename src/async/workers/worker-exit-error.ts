import { HotpathError } from '../../core/errors.js';

/** A worker thread ended while it worked on an item, as after `process.exit()` in it. Code `WORKER_EXIT`. */
export class WorkerExitError extends HotpathError {
  readonly exitCode: number;

  constructor(exitCode: number, module: string) {
    super(
      `the worker thread ended with exit code ${exitCode} while it worked on the item: a function of ${module} must return or throw, and not end its thread`,
      { code: 'WORKER_EXIT' },
    );
    this.name = 'WorkerExitError';
    this.exitCode = exitCode;
  }
}
