import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { integer, oneOf, optionalFunction, text } from '../../core/option-values.js';
import { cpuQuota, systemLimitReader } from '../../core/resource-limits.js';
import type { Progress } from '../progress.js';
import type { OnError } from '../work-options.js';

/** Options of `runInWorkers()`. */
export interface WorkerOptions<Item> {
  /** Threads at most. Default: the cores that this process may use. */
  readonly threads?: number;
  /** The function's name in the module. Default `'default'`. */
  readonly exportName?: string;
  /** What of an item goes over to the thread instead of being copied (array buffers, message ports); it is gone from here then. */
  readonly transfer?: (item: Item) => readonly object[];
  /** Told at most four times a second, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** How many items there are, for the progress of a source that does not know. */
  readonly total?: number;
  /** Ends the threads at once, whatever they are at. */
  readonly signal?: AbortSignal;
  /** Default `'throw'`. */
  readonly onError?: OnError;
}

/** Options as they were checked. */
export interface WorkerSettings<Item> {
  readonly threads: number;
  readonly exportName: string;
  readonly transfer: ((item: Item) => readonly object[]) | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly total: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onError: OnError;
}

const NAMES = ['threads', 'exportName', 'transfer', 'onProgress', 'total', 'signal', 'onError'];
const MOST_THREADS = 1_024;

/** @throws InvalidOptionError for the first option that is none */
export function resolveWorkerOptions<Item>(given: WorkerOptions<Item>): WorkerSettings<Item> {
  checkOptions('options', given);
  checkNames('', given, NAMES);
  const { threads, total, signal } = given;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new InvalidOptionError('signal', 'an AbortSignal', signal);
  }
  return {
    threads: threads === undefined ? cores() : integer('threads', threads, 1, MOST_THREADS),
    exportName: text('exportName', given.exportName ?? 'default'),
    transfer: optionalFunction('transfer', given.transfer),
    onProgress: optionalFunction('onProgress', given.onProgress),
    total: total === undefined ? undefined : integer('total', total, 0),
    signal,
    onError: oneOf('onError', given.onError ?? 'throw', ['throw', 'settle', 'skip']),
  };
}

/** Of a quota of one core and a half, two threads make use of all. */
function cores(): number {
  return Math.ceil(cpuQuota(systemLimitReader()).cores);
}

/**
 * The module's file as an absolute path.
 *
 * @throws InvalidOptionError unless it is an absolute path or a `file:` URL, and the file is there
 */
export async function modulePath(module: unknown): Promise<string> {
  const path = pathOf(module);
  if (path === undefined) {
    throw new InvalidOptionError('module', "new URL('./work.js', import.meta.url), or an absolute path", module);
  }
  try {
    await access(path);
  } catch {
    throw new InvalidOptionError('module', 'a file that is there and may be read', path);
  }
  return path;
}

function pathOf(module: unknown): string | undefined {
  try {
    if (module instanceof URL) return fileURLToPath(module);
    if (typeof module !== 'string') return undefined;
    if (module.startsWith('file:')) return fileURLToPath(module);
    return isAbsolute(module) ? module : undefined;
  } catch {
    return undefined;
  }
}
