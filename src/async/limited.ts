import { type AsyncWrapper, decorate } from '../core/decorate.js';
import { type Duration, toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Mode } from '../core/mode.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { optionalFunction } from '../core/option-values.js';
import { tokensOf } from './batching/token-count.js';
import type { CallContext } from './call-context.js';
import { checkProcessor, type ProcessorSource, processorOf } from './processor-source.js';
import { permanent } from './retry/permanent.js';
import { warnOfOwnRetries } from './retrying-client.js';
import type { RunOptions } from './work-options.js';

/** What of an `AsyncProcessor` {@link limited} uses. */
export interface LimitingProcessor {
  readonly mode: Mode;
  /** Whether failed calls are tried again. */
  readonly retries: boolean;
  run<R>(fn: (context: CallContext) => R | PromiseLike<R>, options?: RunOptions): Promise<R>;
  /** Something beside the host's call failed. */
  reportTrouble(error: unknown, during: string): void;
}

/** Options of {@link limited}. What may be a function is made of the arguments of the call. */
export interface LimitedOptions<Args extends readonly unknown[], Result> {
  /** What to reserve of `tokensPerMinute`. Default 0. */
  readonly tokens?: number | ((...args: Args) => number);
  /** What the call has really used. Default: what was reserved. */
  readonly settle?: (result: Result) => number;
  /** Whose share it counts to. Default: that of all that name none. */
  readonly group?: string | ((...args: Args) => string);
  /** Higher ones are served first. Default 0. */
  readonly priority?: number | ((...args: Args) => number);
  /** How long one attempt may take. Default: as the processor says. */
  readonly timeout?: Duration;
  /** Finds the caller's signal in the arguments: a call that waits leaves at once when it is aborted. */
  readonly signal?: (...args: Args) => AbortSignal | undefined;
  /**
   * Makes the arguments of one attempt from those of the call and the attempt's context (`signal`, `attempt`, `settle`, `headers`). Default: those of
   * the call, so that the function cannot be told to stop. Not used while the processor is off. What it throws is not tried again.
   */
  readonly attemptArgs?: (args: Args, context: CallContext) => readonly [...NoInfer<Args>];
  /** The SDK client that the function calls, to warn of retries of its own. Default: what the function is called on. */
  readonly client?: object;
}

/**
 * Makes every call of a function through a processor, with all of its limits, attempts and bounds: as a wrapper around a function, a
 * standard decorator or a legacy one. The function may be called several times for one call, where the processor retries.
 *
 * A function that is told nothing of its attempt cannot stop: after `timeout` and `grace` it runs on, beside the next attempt. `attemptArgs` hands it
 * the signal; without it give the client behind the function a timeout too, a shorter one.
 *
 * A client that retries by itself is warned of once for each client (`HOTPATH_RETRIES_TWICE`), where the function is a method called on the client,
 * as the OpenAI and Anthropic SDKs have them, or `client` names it: a closure or a bound method does not show what it calls.
 *
 * A call rejects, and is not made, where `tokens`, `group`, `priority` or `signal` throw, or no processor is found. A `settle` that throws
 * is reported as the processor's `error` event: the result stands, and so does the reservation. What the caller gets is a plain promise,
 * also where the function answers with a promise of its own kind.
 *
 * ```ts
 * const embed = limited(processor, { tokens: (texts: string[]) => countTokens(texts) })(embedTexts);
 * const read = limited(processor, {
 *   attemptArgs: ([path]: [path: string, signal?: AbortSignal], { signal }) => [path, signal],
 * })((path: string, signal?: AbortSignal) => readPage(path, signal));
 * class Model { @limited((self: Model) => self.processor, { group: (user: User) => user.tenant }) async ask(user: User) { ... } }
 * ```
 *
 * @throws InvalidOptionError where it is applied
 */
export function limited<Args extends readonly unknown[] = never[], Result = unknown, Self = unknown>(
  source: ProcessorSource<LimitingProcessor, Self>,
  options: LimitedOptions<Args, Result> = {},
): AsyncWrapper<Args, Result, Self> {
  checkProcessor(LABEL, source, METHOD);
  const own = options as unknown as Options;
  const optionsOf = callOptions(own);
  const { settle, attemptArgs, client } = own;
  return decorate(LABEL, (original) => {
    return function (this: unknown, ...args: unknown[]) {
      let processor: LimitingProcessor;
      let runOptions: RunOptions | undefined;
      try {
        processor = processorOf(LABEL, source, this as Self, METHOD);
        if (processor.mode !== 'off') runOptions = optionsOf(args);
      } catch (error) {
        return Promise.reject(error);
      }
      if (runOptions === undefined) return original.apply(this, args);
      const attempt = (context: CallContext): unknown => {
        const given = attemptArgs === undefined ? args : argsOf(attemptArgs, args, context);
        if (processor.retries) warnOfOwnRetries(LABEL, client ?? this, given);
        return original.apply(this, given);
      };
      if (settle === undefined) return processor.run(attempt, runOptions);
      return processor.run(async (context) => {
        const result = await attempt(context);
        try {
          context.settle(tokensOf(settle, result as never));
        } catch (error) {
          processor.reportTrouble(error, 'settle of limited');
        }
        return result;
      }, runOptions);
    };
  });
}

const LABEL = 'limited';
const METHOD = 'run';
const NAMES = ['tokens', 'settle', 'group', 'priority', 'timeout', 'signal', 'attemptArgs', 'client'] as const;

type Options = LimitedOptions<never[], never>;

/** @throws what `attemptArgs` throws, marked: the next attempt would have no other arguments */
function argsOf(
  attemptArgs: (args: never, context: CallContext) => readonly unknown[],
  args: readonly unknown[],
  context: CallContext,
): unknown[] {
  let made: unknown;
  try {
    made = attemptArgs(args as never, context);
  } catch (error) {
    throw permanent(error);
  }
  if (Array.isArray(made)) return made;
  throw new InvalidOptionError('the result of attemptArgs', 'an array of arguments', made);
}

/**
 * The options of a call from its arguments.
 *
 * @throws InvalidOptionError
 */
function callOptions(options: Options): (args: readonly unknown[]) => RunOptions {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  const { tokens, group, priority, timeout, signal } = options;
  optionalFunction('settle', options.settle);
  optionalFunction('signal', signal);
  optionalFunction('attemptArgs', options.attemptArgs);
  if (options.client !== undefined && !isObject(options.client)) {
    throw new InvalidOptionError('client', 'the client that the function calls', options.client);
  }
  const timeoutMs = timeout === undefined ? undefined : toMs('timeout', timeout, { zero: false });
  const resolved = (args: readonly unknown[]): RunOptions => {
    const given = {
      tokens: value(tokens, args),
      group: value(group, args),
      priority: value(priority, args),
      timeout: timeoutMs,
      signal: value(signal, args),
    };
    check(given.tokens, given.group, given.priority);
    return Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)) as RunOptions;
  };
  check(fixed(tokens), fixed(group), fixed(priority));
  const depends = [tokens, group, priority, signal].some((option) => typeof option === 'function');
  if (depends) return resolved;
  const once = resolved([]);
  return () => once;
}

function value<T>(option: T | ((...args: never[]) => T) | undefined, args: readonly unknown[]): T | undefined {
  return typeof option === 'function' ? (option as (...args: readonly unknown[]) => T)(...args) : option;
}

function fixed<T>(option: T | ((...args: never[]) => T) | undefined): T | undefined {
  return typeof option === 'function' ? undefined : option;
}

/** @throws InvalidOptionError */
function check(tokens: unknown, group: unknown, priority: unknown): void {
  if (tokens !== undefined && !(isNumber(tokens) && tokens >= 0)) {
    throw new InvalidOptionError('tokens', 'a finite number >= 0, or a function that makes one', tokens);
  }
  if (group !== undefined && typeof group !== 'string') {
    throw new InvalidOptionError('group', 'a string, or a function that makes one', group);
  }
  if (priority !== undefined && !isNumber(priority)) {
    throw new InvalidOptionError('priority', 'a finite number, or a function that makes one', priority);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
