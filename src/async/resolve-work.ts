import { toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { flag, integer, oneOf, optionalFunction } from '../core/option-values.js';
import { tokensOf } from './batching/token-count.js';
import type { CallDetails } from './caller.js';
import { checkCheckpoint } from './checkpoint/checkpoint.js';
import type { CheckpointOptions } from './checkpoint/checkpoint-options.js';
import type { Outcome } from './outcome.js';
import type { Progress } from './progress.js';
import type { OnError, PlaceOptions, RunOptions } from './work-options.js';

/** All that options of a batch or stream may hold, whatever the method. */
export interface WorkOptions<Item, Result> extends PlaceOptions {
  readonly tokens?: (item: Item) => number;
  readonly onProgress?: (progress: Progress) => void;
  readonly total?: number;
  readonly onError?: OnError;
  readonly sink?: (outcome: Outcome<Item, Result>) => unknown;
  readonly checkpoint?: CheckpointOptions<Item>;
  readonly ordered?: boolean;
  readonly buffer?: number;
  readonly maxSize?: number;
  readonly maxTokens?: number;
}

const PLACE_NAMES = ['priority', 'group', 'signal', 'timeout'] as const;
const ITEM_NAMES = [...PLACE_NAMES, 'tokens', 'onProgress', 'total', 'onError'] as const;

/** What each method takes. */
export const WORK_NAMES: Readonly<
  Record<'process' | 'stream' | 'processBatches' | 'streamBatches', readonly string[]>
> = Object.freeze({
  process: [...ITEM_NAMES, 'sink', 'checkpoint'],
  stream: [...ITEM_NAMES, 'ordered', 'buffer', 'checkpoint'],
  processBatches: [...ITEM_NAMES, 'maxTokens'],
  streamBatches: [...ITEM_NAMES, 'ordered', 'buffer', 'checkpoint', 'maxSize', 'maxTokens'],
});

/** The place of every call that says nothing of it. */
const PLAIN: CallDetails = Object.freeze({ priority: 0, group: '', tokens: 0, timeoutMs: undefined, isExempt: false });
const PLAIN_ITEM: CallDetails = Object.freeze({ ...PLAIN, isExempt: true });

/** @throws InvalidOptionError */
export function runDetails(options: RunOptions | undefined): CallDetails {
  if (options === undefined) return PLAIN;
  checkOptions('options', options);
  checkNames('', options, [...PLACE_NAMES, 'tokens']);
  const { tokens } = options;
  return {
    ...placeOf(options),
    tokens: tokens === undefined ? 0 : tokensOf(() => tokens, undefined),
    isExempt: false,
  };
}

/**
 * Checks the options of a batch or stream.
 *
 * @returns the place of its calls
 * @throws InvalidOptionError
 */
export function itemDetails(
  method: keyof typeof WORK_NAMES,
  options: WorkOptions<never, never> | undefined,
): CallDetails {
  if (options === undefined) return PLAIN_ITEM;
  checkOptions('options', options);
  checkNames('', options, WORK_NAMES[method]);
  const { total, onError, checkpoint, sink, ordered, buffer, maxTokens, tokens } = options;
  optionalFunction('tokens', tokens);
  optionalFunction('onProgress', options.onProgress);
  optionalFunction('sink', sink);
  if (total !== undefined && total !== Number.POSITIVE_INFINITY) integer('total', total, 0);
  if (onError !== undefined) oneOf('onError', onError, ['throw', 'settle', 'skip']);
  if (ordered !== undefined) flag('ordered', ordered);
  if (buffer !== undefined) integer('buffer', buffer, 1);
  if (checkpoint !== undefined) checkCheckpoint(checkpoint);
  if (checkpoint !== undefined && method === 'process' && sink === undefined)
    throw new InvalidOptionError('sink', 'given beside checkpoint: what is done before is not in the results', sink);
  if (maxTokens !== undefined && tokens === undefined)
    throw new InvalidOptionError('tokens', 'given beside maxTokens', tokens);
  return { ...placeOf(options), tokens: 0, isExempt: true };
}

function placeOf({
  priority = 0,
  group = '',
  signal,
  timeout,
}: PlaceOptions): Omit<CallDetails, 'tokens' | 'isExempt'> {
  if (typeof priority !== 'number' || !Number.isFinite(priority))
    throw new InvalidOptionError('priority', 'a finite number', priority);
  if (typeof group !== 'string') throw new InvalidOptionError('group', 'a string', group);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InvalidOptionError('signal', 'an AbortSignal', signal);
  return { priority, group, timeoutMs: timeout === undefined ? undefined : toMs('timeout', timeout, { zero: false }) };
}
