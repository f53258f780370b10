import type { PackageSource } from '../src/cli/package-source.js';
import type { ResultRows } from './remote-payload.js';

export type Load = (key: string) => Promise<ResultRows>;

/** A cache over one Redis, and no memory tier before it. */
export interface RemoteContestant {
  readonly name: string;
  readonly version: string;
  readonly kind: 'floor' | 'ours' | 'peer';
  /** Reads one key, and loads it if need be where the library has such a call. */
  read(key: string): Promise<ResultRows | undefined>;
  /** Reads them all in one call, in the order of the keys; where there is none, as its users would. */
  readMany(keys: readonly string[]): Promise<readonly (ResultRows | undefined)[]>;
  write(key: string, value: ResultRows): Promise<unknown>;
  close(): unknown;
}

export interface RemoteRecipe {
  readonly name: string;
  readonly kind: RemoteContestant['kind'];
  build(url: string, load: Load): Promise<RemoteContestant>;
}

/** Long enough for no entry to expire in a bench. */
export const TTL_MS = 3_600_000;

export function versionsOf(source: PackageSource, ...names: readonly string[]): string {
  return names.map((name) => source.version(name)).join(' + ');
}
