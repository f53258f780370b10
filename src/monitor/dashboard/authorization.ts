import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { DeadlineError, DeadlineQueue } from '../../core/deadline.js';
import { InvalidOptionError } from '../../core/errors.js';
import { isLoopbackAddress, isLoopbackName, requestedHost } from './host-name.js';

/** Decides whether a request may see the dashboard. Only `true` lets it in. */
export type Authorize = (req: IncomingMessage) => boolean | Promise<boolean>;

/** Why a request is refused, for its sender; `undefined` when it is not. */
export type Refusal = string | undefined;

/** Asked about each request. */
export type Gate = (req: IncomingMessage) => Promise<Refusal>;

const DECISION_MS = 5_000;
/** A browser sends about 15. Node drops what is beyond its own bound, and a proxy's headers come last. */
const MOST_HEADERS = 100;
/** What proxies add. One of them is enough: the peer is not who asks. */
const PROXY_HEADERS = [
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-server', 'x-real-ip'],
  ...['via', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'cf-connecting-ip', 'fly-client-ip'],
];

/**
 * Why a request does not come from this very machine: by its peer, by the name it was sent to (a rebound DNS name is not a
 * loopback name), and by the traces of a proxy, behind which everybody would be a loopback peer. A proxy that leaves no trace
 * can't be told: hosts behind one give `authorize`.
 */
export function loopbackRefusal(req: IncomingMessage): Refusal {
  if (!isLoopbackAddress(req.socket.remoteAddress)) return 'only peers on this machine are answered';
  const host = requestedHost(req);
  if (host === undefined || !isLoopbackName(host)) return 'only requests to localhost are answered';
  if (PROXY_HEADERS.some((name) => req.headers[name] !== undefined)) return 'requests through a proxy are not answered';
  // Of its own accord, nginx speaks 1.0 to what is behind it and adds no header.
  if (req.httpVersionMajor === 1 && req.httpVersionMinor === 0) return 'requests in HTTP/1.0 are not answered';
  if (req.rawHeaders.length / 2 > MOST_HEADERS) return 'the request has too many headers';
  return undefined;
}

/**
 * The gate of a dashboard. Without `authorize` only loopback peers pass. One that throws, answers anything but `true` or takes
 * longer than five seconds refuses.
 *
 * @param onTrouble - told of what was thrown, and of a decision that came too late
 * @throws InvalidOptionError when `authorize` is no function
 */
export function gateOf(authorize: Authorize | undefined, clock: Clock, onTrouble: (error: unknown) => void): Gate {
  if (authorize === undefined) return async (req) => withHint(loopbackRefusal(req));
  if (typeof authorize !== 'function') throw new InvalidOptionError('authorize', 'a function', authorize);
  const deadlines = new DeadlineQueue(clock, DECISION_MS);
  const inTime = (decision: unknown): Promise<unknown> =>
    deadlines.within(Promise.resolve(decision), () => new DeadlineError('authorize', DECISION_MS));
  return async (req) => {
    try {
      const decision: unknown = authorize(req);
      const allowed = typeof decision === 'boolean' ? decision : await inTime(decision);
      return allowed === true ? undefined : 'not authorized';
    } catch (error) {
      onTrouble(error);
      return 'not authorized';
    }
  };
}

function withHint(refusal: Refusal): Refusal {
  return refusal && `${refusal} unless the dashboard is given authorize`;
}
