import type { IncomingMessage } from 'node:http';
import { singleHeader } from './single-header.js';

/**
 * Whether a page of another site makes a browser send this. Following a link here is no harm; reading, streaming and starting
 * things from there is. What is no browser sends none of these headers.
 *
 * Source: https://www.w3.org/TR/fetch-metadata/
 */
export function isForeignRequest(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const { method } = req;
  return !((method === 'GET' || method === 'HEAD') && req.headers['sec-fetch-mode'] === 'navigate');
}

/**
 * Whether a request that changes something may come from the page itself: a browser says so in `Sec-Fetch-Site`, an older one,
 * or one on plain HTTP, in `Origin`. Neither is there when it is no browser, and no other site's page can be behind it.
 */
export function isSameOrigin(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site'];
  // Behind a proxy the name in Origin is another one than in Host: what the browser itself says of the two counts.
  if (site !== undefined) return site === 'same-origin';
  const origin = req.headers.origin;
  if (origin === undefined) return true;
  const host = singleHeader(req, 'host');
  return host !== undefined && /^https?:\/\/(.+)$/.exec(origin)?.[1] === host.toLowerCase();
}
