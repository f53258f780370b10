import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPrivateDirectory } from '../../core/private-directory.js';

/** With the user's id, so that users of one machine do not meet. */
const defaultName = (): string => `hotpath-profiles-${process.getuid?.() ?? 'user'}`;

/**
 * The folder for profiles, made unless it is there, and refused when somebody else may have laid it out.
 *
 * @returns the absolute path
 * @throws HotpathError code `PROFILE_DIRECTORY`
 */
export function openProfileDirectory(given: string | undefined): Promise<string> {
  return openPrivateDirectory(given ?? join(tmpdir(), defaultName()), {
    nothing: 'no profile',
    option: 'profiles.directory',
    code: 'PROFILE_DIRECTORY',
  });
}
