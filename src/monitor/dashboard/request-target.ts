import type { IncomingMessage } from 'node:http';

/** Where a request goes within the dashboard. */
export interface RequestTarget {
  /** From the mount, with its leading `/`, as it was sent: nothing is decoded, so nothing can hide in it. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What Express and its like add to a request: the whole URL, before the mount was cut off. */
interface MountedRequest extends IncomingMessage {
  readonly originalUrl?: unknown;
}

/** `undefined` for what is no path: absolute URLs, `*`, the authority of CONNECT. */
export function requestTarget(req: IncomingMessage): RequestTarget | undefined {
  const { url = '' } = req;
  if (!url.startsWith('/')) return undefined;
  const [path = '', query = ''] = halves(url);
  return { path, query: new URLSearchParams(query) };
}

/**
 * Where to send a browser that asks for the page at `/monitor` and not at `/monitor/`, against which the page's relative URLs
 * are meant. Relative itself, so that it is right behind a proxy that adds a prefix. `undefined` where the slash is there.
 */
export function slashRedirect(req: MountedRequest): string | undefined {
  const { originalUrl } = req;
  if (typeof originalUrl !== 'string') return undefined;
  const [path = '', query] = halves(originalUrl);
  if (!path.startsWith('/') || path.endsWith('/')) return undefined;
  // With ./ in front, no name can be taken for a scheme or a host.
  const name = path.slice(path.lastIndexOf('/') + 1);
  return `./${name}/${query === undefined ? '' : `?${query}`}`;
}

function halves(url: string): readonly string[] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url] : [url.slice(0, mark), url.slice(mark + 1)];
}
