import { fileURLToPath } from 'node:url';
import type { HiddenFolders } from './hidden-folders.js';

/** A function as V8's profilers name it. Line and column count from 0; -1 where there is none. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const LONGEST_NAME = 100;
const LONGEST_PATH = 200;
const PACKAGES = '/node_modules/';

/** `ask`, `(anonymous)`, or what V8 puts in brackets: `(idle)`, `(program)`, `(garbage collector)`. */
export function frameName({ functionName }: CallFrame): string {
  if (functionName === '') return '(anonymous)';
  return functionName.length > LONGEST_NAME ? `${functionName.slice(0, LONGEST_NAME)}...` : functionName;
}

/**
 * Makes the function that says where a frame's function stands: `/srv/app/src/ask.js:12`, `node:internal/timers:573`,
 * `node_modules/pg/lib/client.js:80` wherever the package lies, `''` for native code. It remembers the scripts it has seen.
 */
export function frameLocator(hidden?: HiddenFolders): (frame: CallFrame) => string {
  const seen = new Map<string, string>();
  return ({ url, lineNumber }) => {
    if (url === '') return '';
    let path = seen.get(url);
    if (path === undefined) {
      path = shortened(scriptPath(url, hidden));
      seen.set(url, path);
    }
    return lineNumber < 0 ? path : `${path}:${lineNumber + 1}`;
  };
}

/** The path of a script, without the hidden folders; what is no file, as it is. */
export function scriptPath(url: string, hidden?: HiddenFolders): string {
  // The code itself would be the name.
  if (url.startsWith('data:')) return 'data:';
  const path = slashed(url.startsWith('file:') ? filePath(url) : url);
  if (!hidden) return path;
  const inCwd = below(path, hidden.cwd);
  if (inCwd !== undefined) return inCwd;
  const inHome = below(path, hidden.home);
  return inHome === undefined ? path : `~/${inHome}`;
}

function filePath(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

function below(path: string, folder: string): string | undefined {
  const prefix = `${slashed(folder).replace(/\/+$/, '')}/`;
  return prefix !== '/' && path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function shortened(path: string): string {
  const at = path.lastIndexOf(PACKAGES);
  const short = at < 0 ? path : path.slice(at + 1);
  return short.length > LONGEST_PATH ? `...${short.slice(-LONGEST_PATH)}` : short;
}
