import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { atLeast, integer, optionalFunction, text } from '../../core/option-values.js';

/** Options of a batcher. */
export interface BatcherOptions<Key> {
  /** Keys of a batch at most. Default 100. */
  readonly maxSize?: number;
  /** How long the first key of a batch waits for others. Default 0: to the end of this turn of the event loop. */
  readonly maxWait?: Duration;
  /** Tokens of a batch at most; a key beyond it goes alone. Needs `tokens`. Default: no bound. */
  readonly maxTokens?: number;
  /** What a key counts for, in `maxTokens` and of the processor's `tokensPerMinute`. Default 0. */
  readonly tokens?: (key: Key) => number;
  /**
   * What makes two keys equal: the same value, as in a `Map`. Equal keys that wait or are under way are loaded once. Default: the key
   * itself. `false` where no two are, as for keys that are written.
   */
  readonly keyOf?: ((key: Key) => unknown) | false;
  /** Of each batch: higher ones are served first. Default 0. */
  readonly priority?: number;
  /** Whose share the batches count to. Default: that of all that name none. */
  readonly group?: string;
  /** How long one attempt of a batch may take. Default: as the processor says. */
  readonly timeout?: Duration;
}

/** Defaults of {@link BatcherOptions}. */
export const BATCHER_DEFAULTS: Readonly<{ maxSize: number; maxWait: number; priority: number; group: string }> =
  Object.freeze({ maxSize: 100, maxWait: 0, priority: 0, group: '' });

/** {@link BatcherOptions}, checked and complete. */
export interface BatcherSettings<Key> {
  readonly maxSize: number;
  readonly maxWaitMs: number;
  readonly maxTokens: number;
  readonly tokens: ((key: Key) => number) | undefined;
  readonly keyOf: ((key: Key) => unknown) | false | undefined;
  readonly priority: number;
  readonly group: string;
  readonly timeoutMs: number | undefined;
}

const NAMES = ['maxSize', 'maxWait', 'maxTokens', 'tokens', 'keyOf', 'priority', 'group', 'timeout'] as const;

/** @throws InvalidOptionError */
export function batcherSettings<Key>(options: BatcherOptions<Key> = {}): BatcherSettings<Key> {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  const {
    maxSize = BATCHER_DEFAULTS.maxSize,
    maxWait = BATCHER_DEFAULTS.maxWait,
    maxTokens = Number.POSITIVE_INFINITY,
    tokens,
    keyOf,
    priority = BATCHER_DEFAULTS.priority,
    group = BATCHER_DEFAULTS.group,
    timeout,
  } = options;
  if (maxTokens !== Number.POSITIVE_INFINITY && tokens === undefined) {
    throw new InvalidOptionError('tokens', 'a function, since maxTokens is given', tokens);
  }
  return {
    maxSize: maxSize === Number.POSITIVE_INFINITY ? maxSize : integer('maxSize', maxSize, 1),
    // A batch that waits for ever is sent by its size alone, or by flush().
    maxWaitMs: toMs('maxWait', maxWait),
    maxTokens: atLeast('maxTokens', maxTokens, 1),
    tokens: optionalFunction('tokens', tokens),
    keyOf: keyOf === false ? false : optionalFunction('keyOf', keyOf),
    priority: checkPriority(priority),
    group: group === BATCHER_DEFAULTS.group ? group : text('group', group),
    timeoutMs: timeout === undefined ? undefined : toMs('timeout', timeout, { zero: false }),
  };
}

/** @throws InvalidOptionError */
function checkPriority(priority: unknown): number {
  if (typeof priority === 'number' && Number.isFinite(priority)) return priority;
  throw new InvalidOptionError('priority', 'a finite number', priority);
}
