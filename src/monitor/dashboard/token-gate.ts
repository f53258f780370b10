import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { InvalidOptionError } from '../../core/errors.js';
import { type Answer, textAnswer } from './answer.js';
import { FailedAttempts } from './failed-attempts.js';
import { isFollowedLink } from './foreign-request.js';
import { requestTarget } from './request-target.js';
import { SESSION_SECONDS, Sessions } from './sessions.js';
import { singleHeader } from './single-header.js';

const TOKEN = /^[\x21-\x7e]{16,256}$/;
/** Characters from which on a token is no word that somebody chose. One of ours has 43. */
const UNGUESSABLE = 32;
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;
/** Paths that are sent back in a redirect: nothing that a browser could take for another place. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_.-]+)*\/?$/;

/**
 * Lets requests in that hold the token: as `Authorization: Bearer`, or as `?token=`, which a browser exchanges for a session.
 *
 * The exchange is a redirect to the same address without the token, with a cookie that holds a random session id in its stead:
 * so the token stays out of history, referrers and everything the page loads, and no script can read the cookie. An address
 * with the token works once per browser and session, not once in all: opened again, it opens another session. The token is good
 * until the server is closed, and should be passed on like a password. A browser sends the cookie to every port of the name that
 * it came from, so other servers there see the session id, though not the token.
 */
export class TokenGate {
  readonly token: string;
  readonly #digest: Buffer;
  readonly #cookie: string;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #failed: FailedAttempts | undefined;

  /** @param cookie - its name. Cookies do not tell ports apart: each dashboard of a machine needs its own. */
  constructor(token: string, cookie: string, clock: Clock) {
    this.token = token;
    this.#digest = digest(token);
    this.#cookie = cookie;
    this.#clock = clock;
    this.#sessions = new Sessions(clock);
    this.#failed = token.length < UNGUESSABLE ? new FailedAttempts() : undefined;
  }

  /** What to answer to a request that may not pass, or that has the token in its address; `undefined` for one that may. */
  check(req: IncomingMessage): Answer | undefined {
    if (cookies(req, this.#cookie).some((id) => this.#sessions.has(id))) return this.#withoutToken(req);
    const bearer = BEARER.exec(singleHeader(req, 'authorization') ?? '')?.[1];
    const inQuery = bearer === undefined ? tokenInQuery(req) : undefined;
    const given = bearer ?? inQuery;
    if (given === undefined) return unauthorized(req);
    const peer = req.socket.remoteAddress ?? '';
    const waitMs = this.#failed?.waitMs(peer, this.#clock.now()) ?? 0;
    if (waitMs > 0) return textAnswer(429, 'too many wrong tokens', { 'Retry-After': `${Math.ceil(waitMs / 1_000)}` });
    if (!timingSafeEqual(digest(given), this.#digest)) {
      this.#failed?.add(peer, this.#clock.now());
      return unauthorized(req);
    }
    return inQuery === undefined ? undefined : this.#exchange(req);
  }

  /** Ends all sessions. */
  close(): void {
    this.#sessions.clear();
  }

  #exchange(req: IncomingMessage): Answer {
    const cookie = `${this.#cookie}=${this.#sessions.open()}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_SECONDS}`;
    return textAnswer(303, 'see there', { Location: addressWithoutToken(req), 'Set-Cookie': cookie });
  }

  /** A browser that opens the address again has its session already: the token leaves the address all the same. */
  #withoutToken(req: IncomingMessage): Answer | undefined {
    return tokenInQuery(req) === undefined
      ? undefined
      : textAnswer(303, 'see there', { Location: addressWithoutToken(req) });
  }
}

/** 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** @throws InvalidOptionError that tells its length only, for a token that is too short, or can't stand in a header */
export function checkToken(token: unknown): string {
  if (typeof token === 'string' && TOKEN.test(token)) return token;
  const received = typeof token === 'string' ? `${token.length} characters` : typeof token;
  throw new InvalidOptionError('token', '16 to 256 visible ASCII characters without spaces', received);
}

/** Compared as digests: of equal length whatever was given. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Of a `GET` to a plain path, and given once: else it is not looked at. */
function tokenInQuery(req: IncomingMessage): string | undefined {
  const target = req.method === 'GET' || req.method === 'HEAD' ? requestTarget(req) : undefined;
  if (target === undefined || !PLAIN_PATH.test(target.path)) return undefined;
  const tokens = target.query.getAll('token');
  return tokens.length === 1 ? tokens[0] : undefined;
}

/** Relative, so that it is right behind a proxy that adds a prefix. */
function addressWithoutToken(req: IncomingMessage): string {
  const { path, query } = requestTarget(req)!;
  query.delete('token');
  const name = `.${path.slice(path.lastIndexOf('/'))}`;
  return query.size === 0 ? name : `${name}?${query}`;
}

/** Values of a cookie: one of the same name may have come from elsewhere on the machine, before ours. */
function cookies(req: IncomingMessage, name: string): string[] {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

function unauthorized(req: IncomingMessage): Answer {
  const headers = { 'WWW-Authenticate': 'Bearer' };
  if (!isFollowedLink(req)) return textAnswer(401, 'open the address with the token', headers);
  // A browser that followed a link from elsewhere holds the strict cookie back, from the redirect too; from here it sends it.
  const body = '<!doctype html><meta http-equiv="refresh" content="0"><title>Dashboard</title>';
  return { status: 401, type: 'text/html; charset=utf-8', body, headers };
}
