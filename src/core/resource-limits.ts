import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { controlGroupFolders, type FileReader } from './control-group.js';
import { heapLimitBytes } from './heap-limit.js';

/** Where limits are read. */
export interface LimitReader extends FileReader {
  /** Memory of the machine, in bytes. */
  totalMemory(): number;
  /** What Node.js takes for the limit of the process, in bytes. Without a limit it may be anything. */
  constrainedMemory(): number | undefined;
  /** Cores that the process may run on, quotas aside. */
  parallelism(): number;
  /** The largest old generation that V8 will make, in bytes: there it ends the process. */
  heapLimit(): number;
}

/** Memory that this process may take. */
export interface MemoryLimit {
  readonly bytes: number;
  readonly source: 'option' | 'cgroup-v2' | 'cgroup-v1' | 'constrained' | 'total';
  /** Folder of the control group that sets it. */
  readonly folder?: string;
}

/** Cores that this process may use: a fraction where a quota says so. Above 0. */
export interface CpuQuota {
  readonly cores: number;
  readonly source: 'cgroup-v2' | 'cgroup-v1' | 'machine';
}

/** The limits of this process as the system says them. */
export function systemLimitReader(): LimitReader {
  return {
    readFile: readIfThere,
    totalMemory: () => totalmem(),
    constrainedMemory: () => process.constrainedMemory(),
    parallelism: () => availableParallelism(),
    heapLimit: heapLimitBytes,
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The memory that this process may take: the option, else the lowest limit of its control groups, else what Node.js says, else
 * what the machine has. A limit above what the machine has is none.
 *
 * Some file reads, a fraction of a millisecond: to be kept for a while.
 */
export function memoryLimit(reader: LimitReader, optionBytes?: number): MemoryLimit {
  if (optionBytes !== undefined) return { bytes: optionBytes, source: 'option' };
  const total = reader.totalMemory();
  const group = groupLimit(reader, total);
  if (group) return group;
  const constrained = reader.constrainedMemory();
  return isLimit(constrained, total)
    ? { bytes: constrained, source: 'constrained' }
    : { bytes: total, source: 'total' };
}

/**
 * The cores that this process may use: the lowest quota of its control groups, and never more than the machine gives it.
 * `os.availableParallelism()` knows nothing of quotas.
 */
export function cpuQuota(reader: LimitReader): CpuQuota {
  const cores = Math.max(1, reader.parallelism());
  const { v2, v1 } = controlGroupFolders(reader, 'cpu');
  let lowest: CpuQuota = { cores, source: 'machine' };
  const consider = (quota: number, period: number, source: CpuQuota['source']): void => {
    const share = quota / period;
    if (quota > 0 && share < lowest.cores) lowest = { cores: share, source };
  };
  for (const folder of v2) {
    const [quota, period] = (reader.readFile(`${folder}/cpu.max`) ?? '').split(' ');
    consider(wholeNumber(quota), wholeNumber(period), 'cgroup-v2');
  }
  for (const folder of v1) {
    const quota = wholeNumber(reader.readFile(`${folder}/cpu.cfs_quota_us`));
    if (quota > 0) consider(quota, wholeNumber(reader.readFile(`${folder}/cpu.cfs_period_us`)), 'cgroup-v1');
  }
  return lowest;
}

/**
 * Bytes that the control group whose limit counts can't give back at once: what it uses, without inactive pages of files. This is
 * what is to be compared with its limit; other processes of the group are in it. `undefined` where no control group sets a
 * limit, or its use can't be read.
 *
 * Two file reads. Source: the working set of cAdvisor, which Kubernetes evicts by.
 *
 * @param limit - as read before, so that the group need not be searched again
 */
export function workingSet(reader: LimitReader, limit: MemoryLimit = memoryLimit(reader)): number | undefined {
  const { folder, source } = limit;
  if (folder === undefined) return undefined;
  const [use, inactive] =
    source === 'cgroup-v2' ? ['memory.current', 'inactive_file'] : ['memory.usage_in_bytes', 'total_inactive_file'];
  const used = wholeNumber(reader.readFile(`${folder}/${use}`));
  if (Number.isNaN(used)) return undefined;
  const idle = statOf(reader.readFile(`${folder}/memory.stat`), inactive!);
  return Math.max(0, used - (Number.isNaN(idle) ? 0 : idle));
}

function groupLimit(reader: LimitReader, total: number): MemoryLimit | undefined {
  const { v2, v1 } = controlGroupFolders(reader, 'memory');
  let lowest: MemoryLimit | undefined;
  const consider = (bytes: number, source: MemoryLimit['source'], folder: string): void => {
    if (isLimit(bytes, total) && bytes < (lowest?.bytes ?? Number.POSITIVE_INFINITY))
      lowest = { bytes, source, folder };
  };
  for (const folder of v2) {
    for (const file of ['memory.max', 'memory.high']) {
      consider(wholeNumber(reader.readFile(`${folder}/${file}`)), 'cgroup-v2', folder);
    }
  }
  for (const folder of v1) {
    consider(wholeNumber(reader.readFile(`${folder}/memory.limit_in_bytes`)), 'cgroup-v1', folder);
  }
  // The group's own statistics know the limits of groups above the mount too, whose files can't be seen from here.
  const stat = firstThere(reader, v1, 'memory.stat');
  consider(statOf(stat, 'hierarchical_memory_limit'), 'cgroup-v1', v1.at(-1)!);
  return lowest;
}

/** Node.js and the kernel say 0, nothing, or about 2^63 or 2^64 where there is no limit. */
function isLimit(bytes: number | undefined, total: number): bytes is number {
  return bytes !== undefined && bytes > 0 && bytes <= total && bytes < 2 ** 53;
}

function firstThere(reader: LimitReader, folders: readonly string[], file: string): string | undefined {
  for (const folder of folders) {
    const found = reader.readFile(`${folder}/${file}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function statOf(stat: string | undefined, name: string): number {
  const line = (stat ?? '').split('\n').find((each) => each.startsWith(`${name} `));
  return wholeNumber(line?.slice(name.length + 1));
}

/** NaN for everything that is no plain whole number: `max`, -1, nothing. */
function wholeNumber(text: string | undefined): number {
  const trimmed = (text ?? '').trim();
  return /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}
