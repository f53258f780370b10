import { type Fields, read, textIn } from './error-chain.js';
import { bodiesOf } from './error-response.js';
import type { FailureKind } from './failure.js';

type Table = Readonly<Record<string, FailureKind>>;

function tableOf(words: Readonly<Partial<Record<FailureKind, string>>>): Table {
  const table: Record<string, FailureKind> = Object.create(null);
  for (const [kind, codes] of Object.entries(words))
    for (const code of codes.split(' ')) table[code] = kind as FailureKind;
  return table;
}

/** What model services say in the body of an error, also of one in the middle of a stream, which has no status. */
const SERVICE_CODES: Readonly<Partial<Record<FailureKind, string>>> = {
  permanent:
    'insufficient_quota billing_hard_limit_reached billing_not_active billing_error access_terminated invalid_request_error authentication_error permission_error not_found_error request_too_large context_length_exceeded content_filter content_policy_violation model_not_found invalid_api_key',
  'rate-limited':
    'rate_limit_exceeded rate_limit_error RESOURCE_EXHAUSTED ThrottlingException TooManyRequestsException',
  overloaded:
    'overloaded_error engine_overloaded server_overloaded slow_down timeout_error UNAVAILABLE DEADLINE_EXCEEDED ServiceUnavailableException',
  transient: 'server_error api_error internal_server_error INTERNAL',
};

/** Codes of Node, undici, axios and MySQL. Whatever is a timeout counts as overload: the service did not answer in time. */
const SYSTEM_CODES: Readonly<Partial<Record<FailureKind, string>>> = {
  permanent:
    'ABORT_ERR ERR_CANCELED ERR_INVALID_URL ERR_BAD_REQUEST ERR_BAD_OPTION ERR_INVALID_ARG_TYPE ERR_INVALID_ARG_VALUE UND_ERR_ABORTED UND_ERR_INVALID_ARG UND_ERR_NOT_SUPPORTED UND_ERR_DESTROYED UND_ERR_CLOSED UND_ERR_HEADERS_OVERFLOW UND_ERR_RES_EXCEEDED_MAX_SIZE UND_ERR_REQ_CONTENT_LENGTH_MISMATCH CERT_HAS_EXPIRED CERT_NOT_YET_VALID CERT_REVOKED DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY ERR_TLS_CERT_ALTNAME_INVALID ENOENT EACCES EISDIR ENOTDIR ER_DUP_ENTRY ER_PARSE_ERROR ER_NO_SUCH_TABLE ER_BAD_FIELD_ERROR ER_ACCESS_DENIED_ERROR ER_BAD_NULL_ERROR ER_DATA_TOO_LONG',
  overloaded:
    'ETIMEDOUT ESOCKETTIMEDOUT ERR_SOCKET_CONNECTION_TIMEOUT UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT UND_ERR_BPL_MISSING_UPSTREAM ER_CON_COUNT_ERROR ER_TOO_MANY_USER_CONNECTIONS ER_QUERY_TIMEOUT PROTOCOL_SEQUENCE_TIMEOUT',
  transient:
    'ECONNRESET ECONNREFUSED ECONNABORTED EPIPE ENETDOWN ENETRESET ENETUNREACH EHOSTDOWN EHOSTUNREACH EAI_AGAIN ENOTFOUND EADDRNOTAVAIL EMFILE ENFILE EBUSY EAGAIN EPROTO ERR_NETWORK ERR_BAD_RESPONSE ERR_STREAM_PREMATURE_CLOSE ERR_STREAM_DESTROYED ERR_HTTP2_STREAM_ERROR ERR_HTTP2_SESSION_ERROR ERR_HTTP2_GOAWAY_SESSION ERR_HTTP2_STREAM_CANCEL UND_ERR_SOCKET UND_ERR_INFO UND_ERR_RES_CONTENT_LENGTH_MISMATCH UND_ERR_PRX_TLS Z_BUF_ERROR Z_DATA_ERROR PROTOCOL_CONNECTION_LOST ER_LOCK_DEADLOCK ER_LOCK_WAIT_TIMEOUT ER_SERVER_SHUTDOWN',
};

/** HPE_* are llhttp's: an answer that is cut off or not HTTP. */
const PARSER_CODE = /^HPE_/;
/** PostgreSQL: an error code of five, of which the class says enough. */
const SQLSTATE = /^(?:08|22|23|40|42|53|57)[0-9A-Z]{3}$/;
/** query_canceled: mostly by `statement_timeout`. */
const STATEMENT_TIMEOUT = '57014';
const SQLSTATE_CLASSES: Table = {
  // Connection exception; transaction rollback (serialisation failure, deadlock); shut down, crashed, starting up.
  '08': 'transient',
  '40': 'transient',
  '57': 'transient',
  // Insufficient resources: too many connections, out of memory.
  '53': 'overloaded',
  // Data exception; integrity constraint; syntax or access rule.
  '22': 'permanent',
  '23': 'permanent',
  '42': 'permanent',
};
const HOTPATH_CODES: Table = {
  TIMEOUT: 'overloaded',
  DEADLINE: 'overloaded',
  QUEUE_FULL: 'overloaded',
  BREAKER_OPEN: 'transient',
  RATE_LIMIT_TOO_SMALL: 'permanent',
  INVALID_OPTION: 'permanent',
  CLOSED: 'permanent',
};

const QUOTA_CODES: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'billing_error',
]);

let serviceTable: Table | undefined;
let systemTable: Table | undefined;

/** What hotpath's own errors say of another attempt. `undefined` for those that say nothing of it. */
export function kindOfHotpathCode(code: string): FailureKind | undefined {
  return HOTPATH_CODES[code];
}

/** What the body of an error response says, wherever the SDK has put it: `code` and `type` of the error, of its `error`, and of that one's. */
export function kindOfServiceCode(link: Fields): FailureKind | undefined {
  serviceTable ??= tableOf(SERVICE_CODES);
  let kind: FailureKind | undefined;
  for (const from of bodiesOf(link)) {
    for (const name of ['code', 'type', 'status', 'name']) {
      // A used-up quota comes with the type of a rate limit: what is permanent wins.
      const said = serviceTable[textIn(from, name)];
      if (said === 'permanent') return said;
      kind ??= said;
    }
  }
  return kind;
}

/** Whether a 429 is about a quota that is used up: no pause brings it back. */
export function isQuotaUsedUp(link: Fields): boolean {
  for (const from of bodiesOf(link)) {
    if (QUOTA_CODES.has(textIn(from, 'code')) || QUOTA_CODES.has(textIn(from, 'type'))) return true;
  }
  // The AI SDK's body, as text.
  return textIn(link, 'responseBody').includes('"insufficient_quota"');
}

/** What `code` says: of the network, the HTTP client, the database. */
export function kindOfCode(link: Fields): FailureKind | undefined {
  systemTable ??= tableOf(SYSTEM_CODES);
  const code = read(link, 'code');
  if (typeof code !== 'string') return undefined;
  const known = systemTable[code];
  if (known) return known;
  if (PARSER_CODE.test(code)) return 'transient';
  if (code === STATEMENT_TIMEOUT) return 'overloaded';
  return SQLSTATE.test(code) ? SQLSTATE_CLASSES[code.slice(0, 2)] : undefined;
}
