export const CONCURRENCY = 8;
export const BATCH = 20;
export const POISON = 61_803;
/** Set in a record of an item that failed. */
export const FAILED = 2 ** 31;

/** How a job goes over its documents, each with another way to say that one is done. */
export const JOB_FORMS = ['streamBatches', 'stream', 'ordered stream', 'sink'] as const;

export type JobForm = (typeof JOB_FORMS)[number];

/** What may be under way at once, and so run again after a kill. */
export function mostUnderWay(form: JobForm): number {
  return form === 'streamBatches' ? BATCH * CONCURRENCY : CONCURRENCY;
}

export interface KillJob {
  readonly form: JobForm;
  readonly documents: number;
  readonly checkpoint: string;
  /** Each outcome that came through is four bytes more of it: the index of the document. */
  readonly record: string;
  readonly seed: number;
  /** It kills itself after so many outcomes, if nobody else did before. */
  readonly dieAfter: number;
}
