import type { CallContext } from '../call-context.js';
import type { CallControl } from '../call-control.js';
import type { CallDetails, Caller } from '../caller.js';
import { BreakerOpenError, ProcessorClosedError, QueueFullError, RateLimitTooSmallError } from '../errors.js';
import { failureOf } from '../retry/failure.js';
import { BatchResultError, type BatchResults, batchResults, FailedItem } from './batch-results.js';
import { tokensOf } from './token-count.js';

/** What the calls that an item was in have come to together. */
export interface CallsSpent {
  readonly attempts: number;
  readonly queueMs: number;
  readonly runMs: number;
}

/** What became of one item of a batch: the part of its outcome that the batch knows. */
export type ItemEnd<Result> = (
  | { readonly status: 'fulfilled'; readonly value: Result }
  | { readonly status: 'rejected'; readonly reason: unknown }
) &
  CallsSpent;

/** Told of each item once, as soon as its end is final, by its place in the batch. Neither of them throws. */
export interface EndListener<Result> {
  fulfilled(position: number, value: Result, spent: CallsSpent): void;
  rejected(position: number, reason: unknown, spent: CallsSpent): void;
}

/** How a batch is called. */
export interface BatchCalling<Item> {
  readonly caller: Caller;
  /** Given the very arrays of the batch: it copies what it lets a host change. Its answer is a `BatchAnswer`, or a promise of one. */
  readonly fn: (items: readonly Item[], context: CallContext) => unknown;
  /** What an item reserves; a call reserves the sum. An item that cannot be counted fails by itself. */
  readonly tokens: ((item: Item) => number) | undefined;
  readonly details: Omit<CallDetails, 'tokens'>;
  /** A call of so many items failed, and is made again in two halves. */
  readonly onHalved?: (size: number, error: unknown) => void;
}

/** Items from one place to another that go in one call, and what the calls before have come to. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly spent: CallsSpent;
}

const NOTHING: CallsSpent = { attempts: 0, queueMs: 0, runMs: 0 };

/**
 * Calls a function with a batch. A call that fails for what may be an item's fault is made again in two halves, one after the other, until
 * that item is alone: k items at fault among n cost about 2k log2(n) calls, 2n at most. A failure that is not an item's, and an abort,
 * end all that are left of the call.
 *
 * Resolves once every item has had its end. Never rejects.
 */
export async function callHalving<Item, Result>(
  calling: BatchCalling<Item>,
  batch: readonly Item[],
  control: CallControl,
  ends: EndListener<Result>,
): Promise<void> {
  const { caller, fn, details, onHalved } = calling;
  const { positions, tokens } = counted(calling, batch, ends);
  const parts: Part[] = [{ from: 0, to: positions?.length ?? batch.length, spent: NOTHING }];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const { from, to } = part;
    const size = to - from;
    if (size === 0) continue;
    const rejectAll = (reason: unknown, spent: CallsSpent): void => {
      for (let i = from; i < to; i++) ends.rejected(positions?.[i] ?? i, reason, spent);
    };
    if (control.isAborted) {
      rejectAll(control.reason, part.spent);
      continue;
    }
    const items = size === batch.length ? batch : itemsOf(batch, positions, from, to);
    const read = (answer: unknown): BatchResults<Result> | Promise<BatchResults<Result>> => batchResults(answer, size);
    control.renew(control.index);
    try {
      const results = await caller.call<BatchResults<Result>>(
        (context) => {
          const answer = fn(items, context);
          return isThenable(answer) ? answer.then(read) : read(answer);
        },
        { ...details, tokens: sum(tokens, from, to) },
        control,
      );
      const spent = plus(part.spent, control);
      if (results instanceof BatchResultError) {
        rejectAll(results, spent);
        continue;
      }
      for (let i = 0; i < size; i++) {
        const position = positions?.[from + i] ?? from + i;
        const value = results[i] as Result | FailedItem;
        if (value instanceof FailedItem) ends.rejected(position, value.reason, spent);
        else ends.fulfilled(position, value, spent);
      }
    } catch (error) {
      const spent = plus(part.spent, control);
      if (size === 1 || control.isAborted || !mayBeAnItem(error)) {
        rejectAll(error, spent);
        continue;
      }
      onHalved?.(size, error);
      const middle = from + Math.ceil(size / 2);
      parts.push({ from: middle, to, spent }, { from, to: middle, spent });
    }
  }
}

/** {@link callHalving}, with the ends together, in the order of the batch. */
export async function runHalving<Item, Result>(
  calling: BatchCalling<Item>,
  batch: readonly Item[],
  control: CallControl,
): Promise<ItemEnd<Result>[]> {
  const ends = new Array<ItemEnd<Result>>(batch.length);
  await callHalving<Item, Result>(calling, batch, control, {
    fulfilled(position, value, spent) {
      ends[position] = { status: 'fulfilled', value, ...spent };
    },
    rejected(position, reason, spent) {
      ends[position] = { status: 'rejected', reason, ...spent };
    },
  });
  return ends;
}

/** What no choice of items could cure: who calls is not known, or may call no more. */
const STATUSES_OF_THE_CALLER: ReadonlySet<number> = new Set([401, 402, 407, 429]);

/** Whether a call that failed so might succeed without one of its items. */
export function mayBeAnItem(error: unknown): boolean {
  // All items together are beyond the limit of tokens; halves may not be.
  if (error instanceof RateLimitTooSmallError) return true;
  if (error instanceof BreakerOpenError || error instanceof ProcessorClosedError || error instanceof QueueFullError) {
    return false;
  }
  if (typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError') return false;
  const { kind, status, isTooLarge } = failureOf(error);
  // Answered with a 429 too, but half as much may fit.
  if (isTooLarge) return true;
  if (status !== undefined && STATUSES_OF_THE_CALLER.has(status)) return false;
  return kind === 'permanent' || kind === 'unknown';
}

interface Counted {
  /** Where the items that can be counted stand; `undefined` for all of them. */
  readonly positions: readonly number[] | undefined;
  readonly tokens: readonly number[] | undefined;
}

function counted<Item, Result>(
  { tokens }: BatchCalling<Item>,
  batch: readonly Item[],
  ends: EndListener<Result>,
): Counted {
  if (tokens === undefined) return { positions: undefined, tokens: undefined };
  const positions: number[] = [];
  const counts: number[] = [];
  batch.forEach((item, position) => {
    try {
      counts.push(tokensOf(tokens, item));
      positions.push(position);
    } catch (error) {
      ends.rejected(position, error, NOTHING);
    }
  });
  return { positions: positions.length === batch.length ? undefined : positions, tokens: counts };
}

function itemsOf<Item>(
  batch: readonly Item[],
  positions: readonly number[] | undefined,
  from: number,
  to: number,
): readonly Item[] {
  return positions?.slice(from, to).map((position) => batch[position] as Item) ?? batch.slice(from, to);
}

function sum(tokens: readonly number[] | undefined, from: number, to: number): number {
  let total = 0;
  if (tokens !== undefined) for (let i = from; i < to; i++) total += tokens[i]!;
  return total;
}

function plus(spent: CallsSpent, { attempts, queueMs, runMs }: CallControl): CallsSpent {
  return {
    attempts: spent.attempts + attempts,
    queueMs: spent.queueMs + queueMs,
    runMs: spent.runMs + runMs,
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
