import { type Fields, fieldsIn, read, textIn } from './error-chain.js';

/** What AWS services call it. Most answer with 400. */
const THROTTLED: ReadonlySet<string> = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'EC2ThrottledException',
]);

/** Whether an AWS SDK says that a service has throttled the call: by `$retryable`, by the error's name (version 3) or its code (version 2). */
export function isThrottled(link: Fields): boolean {
  if (read(fieldsIn(link, '$retryable'), 'throttling') === true) return true;
  return THROTTLED.has(textIn(link, 'name')) || THROTTLED.has(textIn(link, 'code'));
}
