import { type Duration, toMs } from '../../core/duration.js';
import { HotpathError, InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions, kindOnly } from '../../core/option-names.js';
import type { AlertMessage } from './alert-event.js';
import type { AlertSink } from './alert-sinks.js';

/** The part of `fetch` that a webhook uses. */
export type WebhookFetch = (
  url: string,
  init: { method: 'POST'; headers: Record<string, string>; body: string; redirect: 'manual'; signal: AbortSignal },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly body?: { cancel(): Promise<void> } | null;
}>;

/** Options of {@link webhookSink}. */
export interface WebhookOptions {
  /** Sent beside `content-type: application/json`: a token of the receiver's, for example. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long one attempt may take. Default `'10s'`. */
  readonly timeout?: Duration;
  /** What is posted, as JSON. Default: the message. Chat services want their own: `({ name, state }) => ({ text: `${name}: ${state}` })`. */
  readonly body?: (message: AlertMessage) => unknown;
  /** Default: the `fetch` of Node. */
  readonly fetch?: WebhookFetch;
}

const OPTIONS = ['headers', 'timeout', 'body', 'fetch'];
/** What says how a request is sent, which is for `fetch` to say: it would refuse each message for them, or send it broken. */
const NOT_GIVEN: ReadonlySet<string> = new Set(
  'connection content-length expect host keep-alive te trailer transfer-encoding upgrade'.split(' '),
);
/** Of a message, plain words only: figures and signs may be of an address, or of a token. */
const PLAIN_WORDS = /^[a-z][a-z-]{0,19}(?: [a-z-]{1,20}){0,9}$/i;

/**
 * Posts each alert as JSON. Any answer but 2xx is a failed attempt, redirects too: the message goes to the address that was
 * given and to no other. User and password of the URL are sent as basic authentication. Errors and the sink's name show the
 * origin only, since paths and queries of webhooks are secrets more often than not.
 *
 * @throws InvalidOptionError unless the URL is one of http or https
 */
export function webhookSink(url: string | URL, options: WebhookOptions = {}): AlertSink {
  checkOptions('options', options);
  // Not the value: it may be a token.
  checkNames('', options, OPTIONS, { show: kindOnly });
  for (const name of ['body', 'fetch'] as const) {
    const given: unknown = options[name];
    if (given === undefined || typeof given === 'function') continue;
    throw new InvalidOptionError(name, 'a function', `a ${typeof given}`);
  }
  if (options.timeout !== undefined) toMs('timeout', options.timeout, { zero: false, infinite: false });
  const target = targetOf(url);
  const headers = { 'content-type': 'application/json', ...headersOf(options.headers), ...target.authorization };
  // Looked up with each message: Node loads its fetch on first use.
  const post: WebhookFetch = options.fetch ?? ((href, init) => fetch(href, init));
  const name = `webhook ${target.origin}`;
  return {
    name,
    ...(options.timeout !== undefined && { timeout: options.timeout }),
    async send(message, signal) {
      const body = JSON.stringify(options.body ? options.body(message) : message);
      let answer: Awaited<ReturnType<WebhookFetch>>;
      try {
        answer = await post(target.href, { method: 'POST', headers, body, redirect: 'manual', signal });
      } catch (error) {
        throw new HotpathError(`${name} can't be reached: ${reasonOf(error, target.href)}`, { code: 'ALERT_WEBHOOK' });
      }
      // Unread, the answer would hold its connection.
      await answer.body?.cancel().catch(() => {});
      if (answer.ok) return;
      const why = answer.status >= 300 && answer.status < 400 ? ', and redirects are not followed' : '';
      throw new HotpathError(`${name} answered ${answer.status}${why}`, { code: 'ALERT_WEBHOOK' });
    },
  };
}

function targetOf(given: string | URL): { href: string; origin: string; authorization: Record<string, string> } {
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    // Not the text itself: it may hold a password.
    const [, scheme] = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(String(given)) ?? [];
    throw new InvalidOptionError('url', 'an http: or https: URL', scheme ? `${scheme}//...` : 'something else');
  }
  const { username, password, origin } = url;
  if (username === '' && password === '') return { href: url.href, origin, authorization: {} };
  url.username = '';
  url.password = '';
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { href: url.href, origin, authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that stands for itself.
    return text;
  }
}

function headersOf(given: unknown): Record<string, string> {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null)
    throw new InvalidOptionError('headers', 'an object', `a ${typeof given}`);
  for (const [name, value] of Object.entries(given)) {
    if (NOT_GIVEN.has(name.toLowerCase())) {
      throw new InvalidOptionError('headers', 'without those that say how a request is sent', name);
    }
    if (typeof value === 'string' && isHeader(name, value)) continue;
    // Not the value: it may be a token.
    throw new InvalidOptionError(`headers.${name}`, 'a header that HTTP allows', `a ${typeof value} that is none`);
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
}

function isHeader(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}

/** Of an error of `fetch`: what is known of its cause, and no text that might show the address. */
function reasonOf(error: unknown, href: string): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const { code, name, message } = (typeof cause === 'object' && cause !== null ? cause : {}) as Record<string, unknown>;
  const kind = typeof code === 'string' ? code : typeof name === 'string' ? name : typeof cause;
  // Where fetch itself refuses (`bad port`), there is no code that says why.
  const words = typeof message === 'string' && PLAIN_WORDS.test(message) ? message : undefined;
  const isSafe =
    words !== undefined && !words.split(' ').some((word) => word.length > 3 && secretsOf(href).includes(word));
  return isSafe ? `${kind} (${words})` : kind;
}

/** All of an address behind its origin. */
function secretsOf(href: string): string {
  const { pathname, search } = new URL(href);
  return pathname + search;
}
