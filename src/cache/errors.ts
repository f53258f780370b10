import { describe, HotpathError } from '../core/errors.js';

/** A key holds something that has no canonical encoding. Code `KEY_NOT_ENCODABLE`. */
export class KeyEncodingError extends HotpathError {
  constructor(path: string, value: unknown, why: string) {
    super(`cache key${path} can't be encoded: ${why}, got ${describe(value)}`, { code: 'KEY_NOT_ENCODABLE' });
    this.name = 'KeyEncodingError';
  }
}

/** A loader ran past its hard deadline. It may still finish: its value is then stored if nothing was invalidated meanwhile. Code `LOADER_DEADLINE`. */
export class LoaderDeadlineError extends HotpathError {
  readonly key: string;
  readonly deadlineMs: number;

  constructor(key: string, deadlineMs: number) {
    super(`the loader of ${JSON.stringify(key)} did not answer within its hard deadline of ${deadlineMs} ms`, {
      code: 'LOADER_DEADLINE',
    });
    this.name = 'LoaderDeadlineError';
    this.key = key;
    this.deadlineMs = deadlineMs;
  }
}

/** A cache with `scopeRequired` was used where its `scope` function names nobody. Code `SCOPE_REQUIRED`. */
export class ScopeRequiredError extends HotpathError {
  constructor() {
    super('scopeRequired is set and scope() returned nothing: refusing to read or write without a scope', {
      code: 'SCOPE_REQUIRED',
    });
    this.name = 'ScopeRequiredError';
  }
}

/** `cacheResult` can't tell this function from others, or two functions claim one name. Code `IDENTITY`. */
export class IdentityError extends HotpathError {
  constructor(message: string) {
    super(message, { code: 'IDENTITY' });
    this.name = 'IdentityError';
  }
}
