import type { FailureKind } from './failure.js';

/** A gateway or the service itself had no answer in time, or no room: 524 is Cloudflare's timeout, 522 its failed connection, 529 Anthropic's overload. */
const OVERLOADED: ReadonlySet<number> = new Set([503, 504, 522, 524, 529]);
/** The request was late, met another one, or came too early: 408 is a matter of the connection, and the OpenAI API answers 409 where a lock was not free. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 425]);
/** Not implemented, the wrong version of HTTP, a loop, no network access. */
const PERMANENT: ReadonlySet<number> = new Set([501, 505, 506, 508, 510, 511]);

/** What an HTTP status of 400 or more says, 429 excepted, where the body has a word too. */
export function kindOfStatus(status: number): FailureKind {
  if (OVERLOADED.has(status)) return 'overloaded';
  if (TRANSIENT.has(status)) return 'transient';
  return status < 500 || PERMANENT.has(status) ? 'permanent' : 'transient';
}
