import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { controlGroupFolders } from '../../src/core/control-group.js';
import { systemLimitReader } from '../../src/core/resource-limits.js';
import type { Found } from './service.js';

/** A control group of the kernel with a limit on memory, swap included. */
export interface MemoryCgroup {
  readonly version: 'cgroup-v1' | 'cgroup-v2';
  readonly folder: string;
  readonly limitBytes: number;
  /** Turns a command into one that runs in the group. */
  within(command: readonly string[]): readonly string[];
  /** How many processes of the group the kernel has killed for want of memory; `undefined` where it does not say. */
  kills(): Promise<number | undefined>;
  /** Removes the group. What ran in it has to have ended. */
  close(): Promise<void>;
}

interface Files {
  readonly limit: string;
  /** Memory and swap together in version 1, swap alone in version 2; there only where the kernel counts swap. */
  readonly swap: string;
  readonly swapLimit: (limitBytes: number) => number;
  readonly events: string;
}

const FILES: Readonly<Record<MemoryCgroup['version'], Files>> = {
  'cgroup-v2': { limit: 'memory.max', swap: 'memory.swap.max', swapLimit: () => 0, events: 'memory.events' },
  'cgroup-v1': {
    limit: 'memory.limit_in_bytes',
    swap: 'memory.memsw.limit_in_bytes',
    swapLimit: (limitBytes) => limitBytes,
    events: 'memory.oom_control',
  },
};
const MISSING = 'no control group with a memory limit can be made here: run as root on a Linux with a writable cgroup';
const REMOVALS = 50;

/** Looks for a place where a group with a memory limit can be made, by making one and running something in it. */
export async function findMemoryCgroup(limitBytes: number): Promise<Found<MemoryCgroup>> {
  let trouble = `there are none on ${process.platform}`;
  for (const [version, parent] of process.platform === 'linux' ? places() : []) {
    try {
      const group = await makeGroup(version, parent, limitBytes);
      try {
        const [command, ...args] = group.within(['true']);
        await promisify(execFile)(command!, args);
      } finally {
        await group.close();
      }
      return { from: version, start: () => makeGroup(version, parent, limitBytes) };
    } catch (error) {
      trouble = (error as Error).message.split('\n')[0]!;
    }
  }
  return { missing: `${MISSING} (${trouble})` };
}

/** The groups of this process, the uppermost first: below that one a group is bound by nobody else's limit. */
function places(): readonly (readonly [MemoryCgroup['version'], string])[] {
  const { v2, v1 } = controlGroupFolders(systemLimitReader(), 'memory');
  return [
    ...[...v2].reverse().map((folder) => ['cgroup-v2', folder] as const),
    ...[...v1].reverse().map((folder) => ['cgroup-v1', folder] as const),
  ].filter(([, folder]) => existsSync(folder));
}

async function makeGroup(version: MemoryCgroup['version'], parent: string, limitBytes: number): Promise<MemoryCgroup> {
  const folder = join(parent, `hotpath-test-${randomUUID()}`);
  const files = FILES[version];
  await mkdir(folder);
  try {
    if (!existsSync(join(folder, files.limit))) throw new Error(`${parent} gives its groups no ${files.limit}`);
    await writeFile(join(folder, files.limit), `${limitBytes}`);
    const swap = join(folder, files.swap);
    if (existsSync(swap)) await writeFile(swap, `${files.swapLimit(limitBytes)}`);
  } catch (error) {
    await remove(folder);
    throw error;
  }
  return {
    ...{ version, folder, limitBytes },
    // The shell moves itself, then becomes the command: not a page of it is counted elsewhere.
    within: (command) => ['sh', '-c', `echo $$ > '${folder}/cgroup.procs' && exec "$@"`, 'sh', ...command],
    kills: () => readKills(join(folder, files.events)),
    close: () => remove(folder),
  };
}

async function readKills(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, count] = /^oom_kill (\d+)$/m.exec(text) ?? [];
  return count === undefined ? undefined : Number(count);
}

/** The kernel takes its time to forget processes that have ended. */
async function remove(folder: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      if (attempt === REMOVALS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
