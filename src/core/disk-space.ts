import { statfs } from 'node:fs/promises';

/** Bytes that this user may still write to the disk of a folder; Infinity where the file system does not tell. */
export async function freeDiskBytes(directory: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(directory);
  // File systems that don't tell (some in user space) say 0 of everything.
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}
