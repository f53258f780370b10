import type { Metadata } from './exemplar.js';

/** Something that happened at a moment, drawn across the charts: a deploy, a profile. */
export interface Mark {
  readonly name: string;
  readonly at: number;
  readonly metadata: Metadata;
}
