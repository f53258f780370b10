import { HotpathError } from '../../core/errors.js';

/** What a worker's function answered with, or threw, cannot be copied to this thread: a function, a promise, a symbol. Code `WORKER_CLONE`. */
export class WorkerCloneError extends HotpathError {
  constructor(module: string) {
    super(
      `what the function of ${module} answered with, or threw, cannot be copied from its thread (structured clone): answer with plain data`,
      { code: 'WORKER_CLONE' },
    );
    this.name = 'WorkerCloneError';
  }
}
