import { readFile } from 'node:fs/promises';

/** Where the fields of `/proc/<pid>/stat` stand behind the name of the program, which may hold anything. See proc(5). */
const STATE = 0;
const START_TIME = 19;

/**
 * A text that no other process has, now or later: the boot, the process id and when it began. `undefined` where the system does
 * not tell (it takes a Linux `/proc`).
 */
export async function processIdentity(pid: number = process.pid): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // It has ended, and its parent has not taken note yet.
    if (fields[STATE] === 'Z' || fields[STATE] === 'X') return undefined;
    return `${boot.trim()}:${pid}:${fields[START_TIME]}`;
  } catch {
    return undefined;
  }
}

/** Whether the process of an identity runs, as far as can be told from here: not from another machine or container. */
export async function isRunning(identity: string): Promise<boolean> {
  const pid = Number(identity.split(':')[1]);
  return Number.isSafeInteger(pid) && pid > 0 && (await processIdentity(pid)) === identity;
}
