import type { IncomingMessage } from 'node:http';
import { type Answer, textAnswer } from './answer.js';
import { requestTarget } from './request-target.js';
import { singleHeader } from './single-header.js';

/**
 * Whether a page of another site makes a browser send this. Following a link to the page here is no harm; embedding it, and
 * reading, streaming and starting things from there is. What is no browser sends none of these headers.
 *
 * Source: https://www.w3.org/TR/fetch-metadata/
 */
export function isForeignRequest(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none' && !isFollowedLink(req);
}

/** Whether a link on a page of another site leads a browser to the page itself, in a tab or window of its own. */
export function isFollowedLink(req: IncomingMessage): boolean {
  const { method, headers } = req;
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return false;
  // Of a frame it says iframe: what it held would be worked out, and thrown away.
  const isTab = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isTab && (method === 'GET' || method === 'HEAD') && requestTarget(req)?.path === '/';
}

/** To one that is. */
export function foreignAnswer(): Answer {
  return textAnswer(403, 'not for pages of other sites');
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
