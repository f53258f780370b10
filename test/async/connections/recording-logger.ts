import type { Logger } from '../../../src/core/logger.js';

/** Keeps the messages of warnings. */
export class RecordingLogger implements Logger {
  readonly warnings: string[] = [];

  debug(): void {}
  info(): void {}
  error(): void {}

  warn(_: object, message = ''): void {
    this.warnings.push(message);
  }
}
