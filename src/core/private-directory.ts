import type { Stats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HotpathError } from './errors.js';

/** How a refusal is worded. */
export interface DirectoryRefusal {
  /** What is not written there: `no profile`. */
  readonly nothing: string;
  /** What to do: `give profiles.directory ...`. */
  readonly option: string;
  readonly code: string;
}

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * Makes the folder unless it is there, for its owner only, and refuses one that somebody else may have laid out: in a shared folder for temporary
 * files anybody can make a folder, or a link to one, of the name that we will use. One that others may write to is accepted where it is sticky:
 * there they can't delete or replace files of ours. The folders above it, and links among them, are taken on trust: who may rename those
 * may put another folder in its place.
 *
 * @returns the absolute path
 * @throws HotpathError with the refusal's code
 */
export async function openPrivateDirectory(path: string, refusal: DirectoryRefusal): Promise<string> {
  // Without a slash at its end: with one, lstat would follow a link.
  const directory = resolve(path);
  const found = await makeAndLook(directory, refusal);
  const fault = faultOf(found, process.getuid?.());
  if (fault === undefined) return directory;
  throw refused(directory, fault, refusal);
}

async function makeAndLook(directory: string, refusal: DirectoryRefusal): Promise<Stats> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await lstat(directory);
  } catch (error) {
    throw refused(directory, 'it could not be made', refusal, error);
  }
}

/** What speaks against a folder. Systems without user ids (Windows) keep temporary files apart by themselves. */
export function faultOf(
  found: Pick<Stats, 'isSymbolicLink' | 'uid' | 'mode'>,
  uid: number | undefined,
): string | undefined {
  if (found.isSymbolicLink()) return 'it is a symbolic link';
  if (uid === undefined) return undefined;
  if (found.uid !== uid) return 'it belongs to another user';
  if ((found.mode & STICKY) !== 0) return undefined;
  if ((found.mode & WRITABLE_BY_ALL) !== 0) return 'everybody may delete files in it';
  return (found.mode & WRITABLE_BY_GROUP) === 0 ? undefined : 'its group may delete files in it';
}

function refused(directory: string, fault: string, refusal: DirectoryRefusal, cause?: unknown): HotpathError {
  const remedy = `give ${refusal.option} a folder of this process, or one that is not there yet`;
  return new HotpathError(`${refusal.nothing} is written to ${directory}: ${fault}; ${remedy}`, {
    code: refusal.code,
    cause,
  });
}
