import type { Clock } from '../../core/clock.js';
import type { VersionNews } from './backend.js';
import type { ValueStore } from './value-store.js';
import type { WriteOrder } from './write-order.js';

/** More names than this are not kept in the record, which is read with every miss: the oldest are forgotten, the floor rises to them. */
export const MOST_STORED = 2_000;

interface Stored {
  readonly sequence: number;
  readonly birth: number;
  readonly floor: number;
  readonly names: Readonly<Record<string, number>>;
}

/** Invalidations that are written together. */
interface Group {
  readonly members: Set<string>;
  clears: boolean;
  atLeast: number;
  done: Promise<VersionNews> | undefined;
}

/**
 * The versions of a namespace as one record in a store that has no counters: read, changed, written back. So they outlive the
 * process and reach others that read them, but two processes at the same moment may overwrite each other.
 *
 * Whoever sees with a later look that the record has lost what he knows writes it again. So an overwritten invalidation comes
 * late, and is lost only with a process that ends before that look. A record that is gone is born anew, and with it
 * everything stored before is invalid: loss can only cause misses. Of two lives the later one counts.
 */
export class StoredVersions {
  readonly #store: ValueStore;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #order: WriteOrder;
  // What this process has read or written so far, merged by the greater.
  #sequence = 0;
  #birth = 0;
  #floor = 0;
  readonly #names = new Map<string, number>();
  /** Whether the record was there when it was last looked at. */
  #isThere = false;
  /** Whether something is known here that the record does not say. */
  #isAhead = false;
  /** The record as it was last read or written. */
  #seen: Buffer | undefined;
  /** Joined by whoever comes while the one before is being written. */
  #next: Group | undefined;

  constructor(store: ValueStore, name: string, clock: Clock, order: WriteOrder) {
    this.#store = store;
    this.#name = name;
    this.#clock = clock;
    this.#order = order;
  }

  async read(after: number, atLeast: number): Promise<VersionNews> {
    const startedAt = this.#clock.now();
    await this.#load();
    if (this.#isAhead) await this.#inTurn(() => this.#save());
    const found = this.#sequence;
    this.#sequence = Math.max(found, atLeast);
    const names = [...this.#names].filter(([, version]) => version > after);
    return this.#news((startedAt + this.#clock.now()) / 2, found, names);
  }

  /** @param members - `undefined` for everything */
  invalidate(members: readonly string[] | undefined, atLeast: number): Promise<VersionNews> {
    this.#next ??= { members: new Set(), clears: false, atLeast: 0, done: undefined };
    const group = this.#next;
    for (const member of members ?? []) group.members.add(member);
    group.clears ||= members === undefined;
    group.atLeast = Math.max(group.atLeast, atLeast);
    group.done ??= this.#inTurn(() => {
      if (this.#next === group) this.#next = undefined;
      return this.#commit(group);
    });
    return group.done;
  }

  async #commit({ members, clears, atLeast }: Group): Promise<VersionNews> {
    await this.#load();
    const found = this.#sequence;
    const version = Math.max(Math.floor(this.#clock.now() * 1000), found + 1, atLeast);
    this.#sequence = version;
    if (clears) {
      this.#floor = version;
      this.#names.clear();
    } else for (const member of members) this.#names.set(member, version);
    this.#isAhead = true;
    this.#forgetOldest();
    await this.#save();
    const names = clears ? [] : [...members].map((member) => [member, version] as const);
    return this.#news(this.#clock.now(), found, names);
  }

  #forgetOldest(): void {
    if (this.#names.size <= MOST_STORED) return;
    const all = [...this.#names].sort((a, b) => b[1] - a[1]);
    this.#floor = Math.max(this.#floor, all[MOST_STORED]![1]);
    for (const [member, version] of all) if (version <= this.#floor) this.#names.delete(member);
  }

  async #load(): Promise<void> {
    const wasThere = this.#isThere;
    const birthBefore = this.#birth;
    const bytes = await this.#store.get(this.#name);
    if (bytes && !this.#isAhead && this.#seen?.equals(bytes)) return;
    const stored = parse(bytes);
    if (stored !== undefined && stored.birth >= this.#birth) {
      this.#isThere = true;
      this.#merge(stored);
      this.#seen = bytes;
    } else if (
      birthBefore === 0 ? this.#birth === 0 : wasThere && birthBefore === this.#birth && stored === undefined
    ) {
      this.#bear();
    } else this.#isAhead = true;
  }

  /** There is no record, or none any more: what was invalidated in its last moments nobody knows. */
  #bear(): void {
    this.#isThere = false;
    this.#sequence = Math.max(Math.floor(this.#clock.now() * 1000), this.#sequence + 1);
    this.#birth = this.#sequence;
    this.#floor = 0;
    this.#names.clear();
    this.#isAhead = true;
  }

  #merge(stored: Stored): void {
    if (stored.birth !== this.#birth) {
      this.#birth = stored.birth;
      this.#floor = 0;
      this.#names.clear();
    }
    this.#sequence = Math.max(this.#sequence, stored.sequence);
    this.#isAhead = this.#floor > stored.floor;
    this.#floor = Math.max(this.#floor, stored.floor);
    for (const [member, version] of Object.entries(stored.names)) {
      if (version > (this.#names.get(member) ?? 0)) this.#names.set(member, version);
    }
    for (const [member, version] of this.#names) {
      if (version <= this.#floor) this.#names.delete(member);
      else if ((stored.names[member] ?? 0) < version) this.#isAhead = true;
    }
  }

  async #save(): Promise<void> {
    const record: Stored = {
      ...{ sequence: this.#sequence, birth: this.#birth, floor: this.#floor },
      names: Object.fromEntries(this.#names),
    };
    const bytes = Buffer.from(JSON.stringify(record));
    await this.#store.set(this.#name, bytes, Number.POSITIVE_INFINITY);
    this.#isThere = true;
    this.#seen = bytes;
    this.#isAhead = record.birth !== this.#birth || record.sequence !== this.#sequence;
  }

  #news(serverMs: number, found: number, names: readonly (readonly [string, number])[]): VersionNews {
    return { serverMs, found, sequence: this.#sequence, birth: this.#birth, floor: this.#floor, names };
  }

  /** One change at a time: at least those of this process do not overwrite each other. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    // What a write that was given up has overwritten is seen with the next look.
    return this.#order.run(this.#name, change, () => {});
  }
}

function parse(bytes: Buffer | undefined): Stored | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { sequence, birth, floor, names } = JSON.parse(bytes.toString()) as Stored;
    const numbers = [sequence, birth, floor, ...Object.values(names)];
    if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0) || birth === 0) return undefined;
    return { sequence, birth, floor, names };
  } catch {
    return undefined;
  }
}
