import { InvalidOptionError } from '../core/errors.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { atLeast, integer, optionalFunction } from '../core/option-values.js';
import { ITEMS_PER_TURN, nextTurn } from './next-turn.js';
import type { Source } from './source.js';

/** What is asked of `estimate()`. */
export interface EstimateOptions<Item> {
  /** What an item counts for. Default: nothing, and no cost is given. */
  readonly tokens?: (item: Item) => number;
  /** Of a million tokens, in any currency; or of an item. Default: no cost is given. */
  readonly price?: number | ((item: Item, tokens: number) => number);
  /** Items that go out in one call. Default 1. */
  readonly batchSize?: number;
}

/** What a processor allows, and what it has seen. */
export interface EstimateLimits {
  /** Calls that may start in a window; Infinity for no limit. */
  readonly requests: number;
  /** Tokens that may be used in a window; Infinity for no limit. */
  readonly tokens: number;
  readonly windowMs: number;
  /** Whether calls are spread evenly over the window. */
  readonly isSpread: boolean;
  /** Calls that run at once. */
  readonly concurrency: number;
  /** How long a call took on average lately; `undefined` before the first. */
  readonly callMs: number | undefined;
}

/** What a job will come to. */
export interface Estimate {
  readonly items: number;
  /** Calls, when none fails. */
  readonly requests: number;
  readonly tokens: number;
  /** In the currency of `price`; `undefined` without one. */
  readonly cost: number | undefined;
  /** From start to end when nothing else goes on; `undefined` where nothing that is known bounds it. */
  readonly minutes: number | undefined;
  /** What makes it take so long. `'nothing known'`: the limits do not, and no call has been seen yet. */
  readonly limitedBy: 'requests' | 'tokens' | 'concurrency' | 'nothing known';
}

/**
 * What a job costs before it is begun. Reads the source to its end: one that can be read but once is used up.
 *
 * @throws InvalidOptionError for options that make no sense, or tokens or prices that are no numbers
 */
export async function estimate<Item>(
  source: Source<Item>,
  options: EstimateOptions<Item>,
  limits: EstimateLimits,
): Promise<Estimate> {
  const batchSize = checkEstimate(options);
  const sums = await summed(source, options);
  const requests = Math.ceil(sums.items / batchSize);
  return { ...sums, requests, ...duration(requests, sums.tokens, limits) };
}

function checkEstimate<Item>(options: EstimateOptions<Item>): number {
  checkOptions('options', options);
  checkNames('', options, ['tokens', 'price', 'batchSize']);
  const { tokens, price, batchSize = 1 } = options;
  optionalFunction('tokens', tokens);
  if (typeof price === 'number') {
    atLeast('price', price, 0, Number.MAX_VALUE);
    if (tokens === undefined)
      throw new InvalidOptionError('tokens', 'given where price is of a million tokens', tokens);
  } else optionalFunction('price', price);
  return integer('batchSize', batchSize, 1);
}

interface Sums {
  items: number;
  tokens: number;
  cost: number | undefined;
}

async function summed<Item>(source: Source<Item>, { tokens, price }: EstimateOptions<Item>): Promise<Sums> {
  const sums: Sums = { items: 0, tokens: 0, cost: price === undefined ? undefined : 0 };
  const add = (item: Item): void => {
    const count = tokens === undefined ? 0 : amount('tokens', tokens(item));
    sums.items++;
    sums.tokens += count;
    if (typeof price === 'function') sums.cost! += amount('price', price(item, count));
  };
  if (Symbol.asyncIterator in source) for await (const item of source) add(item);
  else {
    for (const item of source) {
      add(item);
      if (sums.items % ITEMS_PER_TURN === 0) await nextTurn();
    }
  }
  if (typeof price === 'number') sums.cost = (sums.tokens / 1_000_000) * price;
  return sums;
}

function amount(option: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new InvalidOptionError(option, 'a function that gives a number >= 0 for each item', value);
}

/** Which bound is met last. A window's worth may start at once, so that n windows' worth take n - 1 windows to start. */
export function duration(
  requests: number,
  tokens: number,
  limits: EstimateLimits,
): Pick<Estimate, 'minutes' | 'limitedBy'> {
  const { windowMs, isSpread, concurrency, callMs } = limits;
  if (requests === 0) return { minutes: 0, limitedBy: 'nothing known' };
  const rounds = Math.ceil(requests / concurrency);
  const last = callMs ?? 0;
  const bounds = [
    { limitedBy: 'requests', ms: startsWithin(requests, limits.requests, windowMs, isSpread) + last },
    { limitedBy: 'tokens', ms: startsWithin(tokens, limits.tokens, windowMs, isSpread) + last },
    { limitedBy: 'concurrency', ms: rounds * last },
  ] as const;
  const longest = bounds.reduce((a, b) => (b.ms > a.ms || (b.ms === a.ms && b.limitedBy === 'concurrency') ? b : a));
  if (longest.ms === 0) return { minutes: undefined, limitedBy: 'nothing known' };
  return { minutes: longest.ms / 60_000, limitedBy: longest.limitedBy };
}

/** When the last of so many may start, the first at 0. */
function startsWithin(amount: number, limit: number, windowMs: number, isSpread: boolean): number {
  if (amount === 0 || limit === Number.POSITIVE_INFINITY) return 0;
  return isSpread ? ((amount - 1) / limit) * windowMs : (Math.ceil(amount / limit) - 1) * windowMs;
}
