import { HotpathError } from './errors.js';

/**
 * Loads a package that the host may or may not have installed.
 *
 * @param name - as `npm install` takes it
 * @param purpose - what it is needed for: `'a redis:// URL as remote'`
 * @param load - `() => import('the-package')`, written out at the call, so that bundlers see it
 * @throws HotpathError `MISSING_PEER` when it is not installed; whatever the package throws while it loads
 */
export async function loadOptionalPeer<Module>(
  name: string,
  purpose: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new HotpathError(`${purpose} needs the package ${name}, which is not installed: npm install ${name}`, {
      code: 'MISSING_PEER',
      cause: error,
    });
  }
}

/** Node says of itself which package it did not find; one that the package in turn misses is another matter. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && error.message.includes(`'${name}'`);
}
