import type { IncomingMessage } from 'node:http';
import { singleHeader } from './single-header.js';

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::\d{1,5})?$/;
const LOOPBACK_V4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const V4_IN_V6 = '::ffff:';

/**
 * The name that a request was sent to: lower case, without port, IPv6 addresses in brackets. `undefined` without a `Host`
 * header, with several, and with one that is no host: what a browser on a rebound name sends can't be told from it then.
 */
export function requestedHost(req: IncomingMessage): string | undefined {
  // HTTP/2 has no Host header, but :authority in its place.
  const host = singleHeader(req, 'host') ?? singleHeader(req, ':authority');
  return host === undefined ? undefined : hostName(host);
}

/** The name in `name` or `name:port`; `undefined` for what is neither. */
export function hostName(host: string): string | undefined {
  return HOST.exec(host.toLowerCase())?.[1];
}

export function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || LOOPBACK_V4.test(name);
}

/** Whether the other end of a socket is this machine. The peers of Unix sockets have no address, and are none. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === '::1' || LOOPBACK_V4.test(withoutPrefix(address));
}

/** An address as it stands in a URL. */
export function nameOfAddress(address: string): string {
  const plain = withoutPrefix(address);
  return plain.includes(':') ? `[${plain.toLowerCase()}]` : plain;
}

function withoutPrefix(address: string): string {
  return address.toLowerCase().startsWith(V4_IN_V6) ? address.slice(V4_IN_V6.length) : address;
}
