/** The ways in which a host says "what you have is out of date". */
export const WAYS = ['delete', 'tag', 'prefix', 'glob', 'clear', 'set'] as const;
export type Way = (typeof WAYS)[number];

/** The key all races are run on, its tag, and what a host would write for the others. */
export const KEY = 'report:1';
export const TAG = 'table:sales';
export const PREFIX = 'report:*';
export const GLOB = '*:1';

export type Load = () => Promise<string>;

/** One fresh cache in one race. */
export interface Racer {
  read(): Promise<string | undefined>;
  /** Only the ways that the library has. */
  readonly invalidate: Readonly<Partial<Record<Way, (value: string) => unknown>>>;
  close?(): unknown;
}

export interface RaceRecipe {
  readonly name: string;
  readonly package: string;
  /** A cache with nothing in it, whose reads of KEY load by `load`. Called once for every race. */
  build(load: Load): Promise<Racer>;
}
