/** What one look at the versions brought. */
export interface VersionNews {
  /** The server's clock, in milliseconds since the epoch. */
  readonly serverMs: number;
  readonly sequence: number;
  /** The sequence before it was raised to what the asker knows of: lower than that where the server has lost something. */
  readonly found?: number;
  readonly birth: number;
  readonly floor: number;
  /** Names with their versions, in the form of the wire: `t<tag>`, `p<prefix>`, `T` and `P` for soft ones. */
  readonly names: readonly (readonly [member: string, version: number])[];
}

/** What asking for a lease came to. */
export type LeaseAnswer =
  | { readonly kind: 'held' }
  | { readonly kind: 'granted' }
  | { readonly kind: 'found'; readonly bytes: Buffer };

/** One value on its way out. */
export interface OutgoingEntry {
  readonly key: string;
  readonly bytes: Buffer;
  /** How long it may live there, in milliseconds; may be Infinity. */
  readonly lifeMs: number;
}

/**
 * What the shared tier asks of a server. Keys are inner keys. Every call may reject, and may hang: deadlines are the caller's.
 *
 * Without coordination (`coordinated: false`) leases are always granted, versions are this process's own, and nobody is told.
 */
export interface Backend {
  readonly coordinated: boolean;
  get(key: string): Promise<Buffer | undefined>;
  /** In the order of the keys. */
  getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]>;

  /** The versions after a number, and the sequence, raised to `atLeast`. `beat` is sent to this node's private channel. */
  versions(after: number, atLeast: number, beat?: string): Promise<VersionNews>;
  /** Invalidates names in the form of the wire, and tells the others. */
  invalidate(members: readonly string[], atLeast: number): Promise<VersionNews>;
  clear(atLeast: number): Promise<VersionNews>;

  /** @param seen - the checksum of what the asker has found wanting, 0 for nothing */
  lease(key: string, token: string, ms: number, seen: number, force: boolean): Promise<LeaseAnswer>;
  renew(key: string, token: string, ms: number): Promise<boolean>;
  /** Gives a lease back. Resolves to whether it still held. */
  release(key: string, token: string): Promise<boolean>;
  /** Stores under a lease, unless that is lost or something foreign stands there. */
  fill(entry: OutgoingEntry, token: string, tell: boolean): Promise<'stored' | 'lost' | 'foreign'>;
  /** Stores unconditionally, unless something newer than `stampMs` stands there: then resolves to its moment. */
  put(entry: OutgoingEntry, stampMs: number): Promise<number | undefined>;
  /** Deletes, and resolves to whether there was something. */
  drop(key: string, stampMs: number): Promise<boolean>;
  /** Puts other bytes in place of those with a checksum, revokes the lease and tells the others. */
  replace(key: string, sum: number, bytes: Buffer): Promise<boolean>;
  /** Deletes what has this checksum. */
  discard(key: string, sum: number): Promise<void>;
  /** Tells the others of a glob whose keys are about to be gone through. */
  announce(glob: GlobSource, soft: boolean): Promise<void>;
  /** All keys of the store, in chunks: first those that are being loaded, then those that are there. Each command goes through `through`. */
  scan(through: Through): AsyncIterable<readonly string[]>;
}

/** A glob as the host gave it, and the prefix of the scope that it was given in. */
export type GlobSource = readonly [scope: string, pattern: string];

/** Gives a command its deadline. */
export type Through = <T>(operation: () => Promise<T>) => Promise<T>;
