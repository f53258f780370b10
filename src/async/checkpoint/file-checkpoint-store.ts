import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { flag, text } from '../../core/option-values.js';
import { CheckpointInUseError } from './checkpoint-errors.js';
import { entriesText, journalText, RELEASED, readJournal } from './checkpoint-journal.js';
import type { CheckpointState, CheckpointStore } from './checkpoint-store.js';
import { isRunning, processIdentity } from './process-identity.js';

/** Options of {@link fileCheckpointStore}. */
export interface FileCheckpointOptions {
  /** Whether each record is forced to the disk, so that it survives the end of the machine too, not of the process alone. Costs a disk write each. Default false. */
  readonly sync?: boolean;
}

/**
 * Keeps a checkpoint in a file of its own: what is done is appended, and now and then the file is replaced by a short one.
 * Its folder must exist. The short one is written beside it, as `<path>.<8 hex digits>.new`.
 *
 * One run at a time works on a file. A second one on the same machine is refused with a `CheckpointInUseError` while the
 * first lives (Linux; elsewhere, and from another machine or container, that cannot be told). Where it is not refused it takes
 * the file over, and the first fails with that error at its next record: some items run twice, none is lost.
 */
export function fileCheckpointStore(path: string, options: FileCheckpointOptions = {}): CheckpointStore {
  text('path', path);
  checkOptions('options', options);
  checkNames('options.', options, ['sync']);
  return new FileCheckpointStore(resolve(path), flag('options.sync', options.sync ?? false));
}

/** Jobs of this process that have not ended, by what they write as owner: of others the system tells. */
const OWN_JOBS = new Set<string>();

interface OpenJournal {
  readonly file: FileHandle;
  readonly inode: bigint;
  /** A write failed, and may have left half a line. */
  isTorn: boolean;
}

class FileCheckpointStore implements CheckpointStore {
  readonly #path: string;
  readonly #sync: boolean;
  /** The identity of the process, and a number of the job; `undefined` where there is no such identity. */
  #owner: string | undefined;
  #isInUse = false;
  #journal: OpenJournal | undefined;

  constructor(path: string, sync: boolean) {
    this.#path = path;
    this.#sync = sync;
  }

  async load(): Promise<CheckpointState | undefined> {
    if (this.#isInUse) throw this.#inUse('by another job of this store');
    this.#isInUse = true;
    try {
      return await this.#takeOver();
    } catch (error) {
      await this.close().catch(() => {});
      throw error;
    }
  }

  async append(done: readonly (readonly [index: number, id: string])[]): Promise<void> {
    await this.#write(entriesText(done));
    await this.#checkName();
  }

  async save(state: CheckpointState): Promise<void> {
    if (this.#journal) await this.#checkName();
    await this.#replace(state);
  }

  async close(): Promise<void> {
    this.#isInUse = false;
    if (this.#owner !== undefined) OWN_JOBS.delete(this.#owner);
    if (!this.#journal) return;
    try {
      await this.#write(RELEASED);
    } finally {
      await this.#letGo();
    }
  }

  async #takeOver(): Promise<CheckpointState | undefined> {
    const content = await readIfThere(this.#path);
    const identity = await processIdentity();
    // A checkpoint comes to its name with its first line: without one it is nobody's.
    const journal = content === '' ? undefined : readJournal(this.#path, content);
    if (journal?.owner !== undefined) await this.#checkOwner(journal.owner, identity);
    this.#owner = identity && `${identity}#${randomBytes(4).toString('hex')}`;
    if (this.#owner !== undefined) OWN_JOBS.add(this.#owner);
    if (journal === undefined) return undefined;
    await removeLeftovers(this.#path);
    // The name passes to this run, whoever thinks it has it.
    await this.#replace(journal.state);
    return journal.state;
  }

  async #checkOwner(owner: string, own: string | undefined): Promise<void> {
    const identity = owner.slice(0, owner.indexOf('#'));
    if (identity === own) {
      if (OWN_JOBS.has(owner)) throw this.#inUse('by another job of this process');
    } else if (await isRunning(identity)) throw this.#inUse(`by process ${identity.split(':')[1]}`);
  }

  async #write(lines: string): Promise<void> {
    const journal = this.#journal!;
    const start = journal.isTorn ? '\n' : '';
    journal.isTorn = true;
    await journal.file.appendFile(start + lines);
    journal.isTorn = false;
    if (this.#sync) await journal.file.datasync();
  }

  /** Whether what was written is what the next run will read. */
  async #checkName(): Promise<void> {
    const named = await stat(this.#path, { bigint: true }).catch(() => undefined);
    if (named?.ino !== this.#journal!.inode) throw this.#inUse('by a run that began later, or the file was taken away');
  }

  async #replace(state: CheckpointState): Promise<void> {
    const beside = `${this.#path}.${randomBytes(4).toString('hex')}.new`;
    try {
      const inode = await writeWhole(beside, journalText(state, this.#owner));
      // Windows does not replace a file that is open.
      await this.#letGo();
      await rename(beside, this.#path);
      if (this.#sync) await syncFolder(dirname(this.#path));
      this.#journal = { file: await open(this.#path, 'a'), inode, isTorn: false };
    } catch (error) {
      await rm(beside, { force: true }).catch(() => {});
      throw error;
    }
    await this.#checkName();
  }

  async #letGo(): Promise<void> {
    const journal = this.#journal;
    this.#journal = undefined;
    await journal?.file.close();
  }

  #inUse(how: string): CheckpointInUseError {
    return new CheckpointInUseError(`the checkpoint ${this.#path} is in use ${how}: let one job at a time work on it`);
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Answers with the number that the file keeps under any name. On the disk whatever `sync` says: a name must not stand for an empty file. */
async function writeWhole(path: string, content: string): Promise<bigint> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.datasync();
    return (await file.stat({ bigint: true })).ino;
  } finally {
    await file.close();
  }
}

/** What runs that were killed had begun to write. */
async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const isLeft = name.startsWith(start) && /^[0-9a-f]{8}\.new$/.test(name.slice(start.length));
    if (isLeft) await rm(join(folder, name), { force: true });
  }
}

/** So that a new name survives the end of the machine. Windows has no such thing, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
