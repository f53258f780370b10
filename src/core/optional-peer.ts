import { HotpathError } from './errors.js';

/**
 * What to throw when a package did not load that the host may or may not have installed: an error `MISSING_PEER` that says what
 * to do, or `error` itself where the package is there and failed.
 *
 * The `import()` is written out at the call, inside a `try`: so bundlers see it, and do not fail where it is missing.
 *
 * @param name - as `npm install` takes it
 * @param purpose - what it is needed for: `'a redis:// URL as remote'`
 */
export function peerError(error: unknown, name: string, purpose: string): unknown {
  if (!isMissing(error, name)) return error;
  return new HotpathError(`${purpose} needs the package ${name}, which is not installed: npm install ${name}`, {
    code: 'MISSING_PEER',
    cause: error,
  });
}

/** Node says of itself which package it did not find; one that the package in turn misses is another matter. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && error.message.includes(`'${name}'`);
}
