import { InvalidOptionError } from '../errors.js';

const EXPECTED = 'a URL like redis://user:password@host:6379/0 or rediss://host';

/**
 * Checks the URL of a Redis server. Of what it refuses it shows the scheme at most: the rest may hold a password.
 *
 * @throws InvalidOptionError naming `option`
 */
export function checkRedisUrl(url: string, option = 'remote'): void {
  const trouble = troubleWith(url);
  if (trouble === undefined) return;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0];
  throw new InvalidOptionError(option, `${EXPECTED} (${trouble})`, scheme ? `${scheme}...` : 'a text without scheme');
}

function troubleWith(url: string): string | undefined {
  // The error of `URL` quotes the whole text: it goes no further.
  if (!URL.canParse(url)) return 'this one cannot be read; special characters of a password are written as %40';
  const { protocol, hostname, pathname, username, password } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') return 'the scheme is redis or rediss';
  if (hostname === '') return 'the host is missing';
  if (!/^\/?\d*$/.test(pathname)) return 'the path is the number of the database';
  return decodes(username) && decodes(password) ? undefined : 'user and password are percent-encoded';
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
