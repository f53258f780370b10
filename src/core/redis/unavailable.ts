import { HotpathError } from '../errors.js';

/** Nothing was sent, because there is no connection that could send it at once. Code `REDIS_UNAVAILABLE`. */
export class RedisUnavailableError extends HotpathError {
  constructor(message = 'Redis is not connected', cause?: unknown) {
    super(message, { code: 'REDIS_UNAVAILABLE', cause });
    this.name = 'RedisUnavailableError';
  }
}
