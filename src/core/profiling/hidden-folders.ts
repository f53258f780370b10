import { homedir } from 'node:os';

/** Folders whose names are not shown; `''` for none. */
export interface HiddenFolders {
  /** Left out: `/srv/app/src/ask.js` becomes `src/ask.js`. */
  readonly cwd: string;
  /** Shown as `~`. */
  readonly home: string;
}

/** The working folder and the home folder of the process. */
export function foldersOfProcess(): HiddenFolders {
  return { cwd: orNone(() => process.cwd()), home: orNone(homedir) };
}

/** A working folder may have been deleted, and a container's user may have no home. */
function orNone(folder: () => string): string {
  try {
    return folder();
  } catch {
    return '';
  }
}
