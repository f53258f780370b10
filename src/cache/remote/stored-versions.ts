import type { Clock } from '../../core/clock.js';
import type { VersionNews } from './backend.js';
import type { ValueStore } from './value-store.js';

/** More names than this are not kept in the record: the oldest are forgotten, and the floor rises to them. */
const MOST_STORED = 10_000;

interface Stored {
  sequence: number;
  birth: number;
  floor: number;
  names: Record<string, number>;
}

/**
 * The versions of a namespace as one record in a store that has no counters: read, changed, written back. So they outlive the
 * process and reach others that read them, but two processes at the same moment may overwrite each other.
 *
 * This process never forgets what it has given out itself, and writes it again with its next change.
 */
export class StoredVersions {
  readonly #store: ValueStore;
  readonly #name: string;
  readonly #clock: Clock;
  /** What this process has read or written so far. Merged by the greater. */
  readonly #known: Stored = { sequence: 0, birth: 0, floor: 0, names: {} };
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: ValueStore, name: string, clock: Clock) {
    this.#store = store;
    this.#name = name;
    this.#clock = clock;
  }

  async read(after: number, atLeast: number): Promise<VersionNews> {
    await this.#load();
    const { names } = this.#known;
    if (this.#known.birth === 0) await this.#inTurn(() => this.#save());
    this.#known.sequence = Math.max(this.#known.sequence, atLeast);
    return this.#news(Object.entries(names).filter(([, version]) => version > after));
  }

  /** @param members - `undefined` for everything */
  invalidate(members: readonly string[] | undefined, atLeast: number): Promise<VersionNews> {
    return this.#inTurn(async () => {
      await this.#load();
      const known = this.#known;
      known.sequence = Math.max(Math.floor(this.#clock.now() * 1000), known.sequence + 1, atLeast);
      for (const member of members ?? []) known.names[member] = known.sequence;
      if (members === undefined) {
        known.floor = known.sequence;
        known.names = {};
      }
      this.#forgetOldest();
      await this.#save();
      return this.#news((members ?? []).map((member) => [member, known.sequence] as const));
    });
  }

  #forgetOldest(): void {
    const known = this.#known;
    const all = Object.entries(known.names);
    if (all.length <= MOST_STORED) return;
    all.sort((a, b) => b[1] - a[1]);
    known.floor = Math.max(known.floor, all[MOST_STORED]![1]);
    known.names = Object.fromEntries(all.slice(0, MOST_STORED));
  }

  async #load(): Promise<void> {
    const known = this.#known;
    const stored = parse(await this.#store.get(this.#name));
    if (stored === undefined) return;
    // A record of another life: what was known belongs to the one before.
    if (known.birth !== 0 && stored.birth !== known.birth) known.names = {};
    known.birth = stored.birth;
    known.sequence = Math.max(known.sequence, stored.sequence);
    known.floor = Math.max(known.floor, stored.floor);
    for (const [member, version] of Object.entries(stored.names)) {
      known.names[member] = Math.max(known.names[member] ?? 0, version);
    }
  }

  async #save(): Promise<void> {
    const known = this.#known;
    if (known.birth === 0) {
      known.birth = Math.floor(this.#clock.now() * 1000);
      known.sequence = Math.max(known.sequence, known.birth);
    }
    await this.#store.set(this.#name, Buffer.from(JSON.stringify(known)), Number.POSITIVE_INFINITY);
  }

  #news(names: readonly (readonly [string, number])[]): VersionNews {
    const { sequence, birth, floor } = this.#known;
    return { serverMs: this.#clock.now(), sequence, birth, floor, names };
  }

  /** One change at a time: at least those of this process do not overwrite each other. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function parse(bytes: Buffer | undefined): Stored | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { sequence, birth, floor, names } = JSON.parse(bytes.toString()) as Stored;
    const numbers = [sequence, birth, floor, ...Object.values(names)];
    if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0) || birth === 0) return undefined;
    return { sequence, birth, floor, names: { ...names } };
  } catch {
    return undefined;
  }
}
