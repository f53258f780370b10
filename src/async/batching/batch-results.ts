import { isNativeError } from 'node:util/types';
import { describe, HotpathError } from '../../core/errors.js';

/**
 * What a function that is given a batch may answer: one result for each item, in their order. An `Error` among them, or a promise that
 * rejects, says that this item failed and the others did not. Nothing at all is `undefined` for each.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that answers with nothing is meant.
export type BatchAnswer<Result> = readonly (Result | Error | PromiseLike<Result>)[] | undefined | void;

/** A function that was given a batch answered with something else than a result for each item. Code `BATCH_RESULT`. */
export class BatchResultError extends HotpathError {
  constructor(size: number, answer: unknown) {
    const got = Array.isArray(answer) ? `an array of ${answer.length}` : describe(answer);
    super(
      `a function that is given ${size} ${size === 1 ? 'item' : 'items'} must answer with an array of ${size}, a result or an Error for each item in their order, or with undefined; got ${got}`,
      { code: 'BATCH_RESULT' },
    );
    this.name = 'BatchResultError';
  }
}

/** An item that failed while others of its batch did not. */
export class FailedItem {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** Results in the order of the items; or what is wrong with the answer, which another attempt would not cure. */
export type BatchResults<Result> = readonly (Result | FailedItem)[] | BatchResultError;

/** Reads what a function answered for a batch of `size` items. Never throws, and its promise never rejects. */
export function batchResults<Result>(
  answer: unknown,
  size: number,
): BatchResults<Result> | Promise<BatchResults<Result>> {
  if (answer === undefined) return new Array<Result>(size).fill(undefined as Result);
  if (!Array.isArray(answer) || answer.length !== size) return new BatchResultError(size, answer);
  let isPlain = true;
  let isAwaited = false;
  for (const value of answer as readonly unknown[]) {
    if (typeof value !== 'object' || value === null) continue;
    if (isError(value)) isPlain = false;
    else if (isThenable(value)) isAwaited = true;
  }
  if (isAwaited) return Promise.all((answer as readonly unknown[]).map(settled)) as Promise<BatchResults<Result>>;
  if (isPlain) return answer as readonly Result[];
  return (answer as readonly Result[]).map((value) => (isError(value) ? new FailedItem(value) : value));
}

async function settled(value: unknown): Promise<unknown> {
  try {
    const result: unknown = await value;
    return isError(result) ? new FailedItem(result) : result;
  } catch (error) {
    return new FailedItem(error);
  }
}

/** Of any realm: jest and vm contexts have an `Error` of their own. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}

function isThenable(value: object): boolean {
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}
