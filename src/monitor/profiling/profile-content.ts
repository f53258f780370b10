import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ProfileEntry } from './profile-entry.js';

/** The file of a profile, opened: to be read or destroyed, either of which closes it. */
export interface ProfileContent {
  readonly bytes: number;
  readonly content: Readable;
}

/** A link is not followed, and a pipe of that name is not waited for. Windows knows neither. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens the file of a profile if it still is what was written: a file of this user, of that size. Nothing is read yet.
 *
 * @returns `undefined` for one that is gone, or another one by now
 */
export async function openProfile({
  path,
  bytes,
}: Pick<ProfileEntry, 'path' | 'bytes'>): Promise<ProfileContent | undefined> {
  const file = await open(path, FLAGS).catch(() => undefined);
  if (file === undefined) return undefined;
  if (await isOurs(file, bytes)) return { bytes, content: file.createReadStream({ start: 0, end: bytes - 1 }) };
  await file.close();
  return undefined;
}

async function isOurs(file: FileHandle, bytes: number): Promise<boolean> {
  const found = await file.stat();
  const uid = process.getuid?.();
  return found.isFile() && found.size === bytes && bytes > 0 && (uid === undefined || found.uid === uid);
}
