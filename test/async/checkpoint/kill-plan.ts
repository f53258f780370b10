export const POISON = 61_803;
/** Set in a record of an item that failed. */
export const FAILED = 2 ** 31;

/** How a job goes over its documents, each with another way to say that one is done. */
export const JOB_FORMS = ['batches', 'ordered batches', 'stream', 'ordered stream', 'sink'] as const;

export type JobForm = (typeof JOB_FORMS)[number];

/** What may be under way at once, and so run again after a kill. */
export function mostUnderWay({ form, concurrency, batch }: KillJob): number {
  return form.endsWith('batches') ? batch * concurrency : concurrency;
}

export interface KillJob {
  readonly form: JobForm;
  readonly concurrency: number;
  /** The size of a batch, for forms that have any. */
  readonly batch: number;
  readonly documents: number;
  readonly checkpoint: string;
  /** Each outcome that came through is four bytes more of it: the index of the document. */
  readonly record: string;
  readonly seed: number;
  /** It kills itself after so many outcomes, if nobody else did before. */
  readonly dieAfter: number;
}
