import { type Fields, read, textIn } from './error-chain.js';
import type { FailureKind } from './failure.js';

/** Mistakes in the program, which another attempt repeats. */
const MISTAKES: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'SyntaxError', 'RangeError']);
/** What `fetch` rejects with when the connection failed or was lost, and JSON.parse with a body that was cut off. */
const LOST =
  /^(?:fetch failed|terminated|Unexpected end of JSON input|Unterminated string in JSON.*|Premature close|socket hang up|other side closed|Connection error\.?)$/;
const TIMED_OUT: ReadonlySet<string> = new Set(['TimeoutError', 'APIConnectionTimeoutError', 'ConnectTimeoutError']);
const ABORTED: ReadonlySet<string> = new Set(['AbortError', 'APIUserAbortError', 'CanceledError']);
/** undici 7 leaves the code of its parser error out. */
const DISCONNECTED: ReadonlySet<string> = new Set([
  'APIConnectionError',
  'FetchError',
  'SocketError',
  'HTTPParserError',
]);

/** What the sort of an error says, where neither status nor code does. */
export function kindOfShape(chain: readonly Fields[]): FailureKind {
  // A timeout is often told as an abort, with the timeout as its cause.
  if (chain.some((link) => isNamed(link, TIMED_OUT))) return 'overloaded';
  if (chain.some((link) => isNamed(link, ABORTED))) return 'permanent';
  for (const link of chain) {
    const kind = kindOfLink(link, chain.at(-1) === link);
    if (kind) return kind;
  }
  return 'unknown';
}

function kindOfLink(link: Fields, isInnermost: boolean): FailureKind | undefined {
  const message = textIn(link, 'message');
  // With a cause it is the cause that counts: "fetch failed" is also what a wrong scheme is told with.
  if (LOST.test(message)) return isInnermost ? 'transient' : undefined;
  if (isNamed(link, DISCONNECTED)) return isInnermost ? 'transient' : undefined;
  if (!isNamed(link, MISTAKES)) return undefined;
  // Text that is not JSON may come from a model, which may do better next time, or from the item, which will not.
  return textIn(link, 'name') === 'SyntaxError' && message.includes('JSON') ? 'unknown' : 'permanent';
}

/** The SDKs name their classes but not their errors. */
function isNamed(link: Fields, names: ReadonlySet<string>): boolean {
  if (names.has(textIn(link, 'name'))) return true;
  const made = read(link, 'constructor');
  return typeof made === 'function' && names.has(made.name);
}
