import { type Callable, decorate, type Fitting } from '../core/decorate.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Mode } from '../core/mode.js';
import { type BatchAnswer, isError } from './batching/batch-results.js';
import type { BatchedLoad } from './batching/batched-load.js';
import type { LoadMany } from './batching/batcher.js';
import { type BatcherOptions, batcherSettings } from './batching/batcher-options.js';
import type { CallContext } from './call-context.js';
import { checkProcessor, type ProcessorSource, processorOf } from './processor-source.js';

/** What of an `AsyncProcessor` {@link batched} uses. */
export interface BatchingProcessor {
  readonly mode: Mode;
  batcher<Key, Result>(loadMany: LoadMany<Key, Result>, options?: BatcherOptions<Key>): BatchedLoad<Key, Result>;
}

/**
 * A wrapper in its three forms. A function of many keys becomes one of a single key; a decorated method keeps its type, and its
 * concurrent calls are merged. `Key` is what the options' callbacks take.
 */
export interface BatchedWrapper<Key, Self> {
  <This, F extends (this: This, ...keys: never[]) => Promise<readonly unknown[]>>(
    method: F & Fitting<F, [keys: readonly Key[]], readonly unknown[]>,
    context: ClassMethodDecoratorContext<This> & ([This] extends [Self] ? unknown : never),
  ): F;
  <F extends (keys: never) => Promise<readonly unknown[]>>(
    target: Self extends object ? NoInfer<Self> : object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F & Fitting<F, [keys: readonly Key[]], readonly unknown[]>>,
  ): TypedPropertyDescriptor<F>;
  <K extends Key, Result>(
    loadMany: (keys: K[], context: CallContext) => BatchAnswer<Result> | PromiseLike<BatchAnswer<Result>>,
    // Without it this form would answer for decorators too.
    context?: undefined,
  ): BatchedLoad<K, Result>;
}

/**
 * Gathers calls into batches: around a function of many keys it makes one that takes a single key; as a decorator, standard or legacy, of
 * a method that takes an array of keys and answers with an array of results it merges calls that come together, for each instance by itself.
 *
 * A merged method is called with the keys of several calls, each key once. A call whose keys all have their results gets them in its own
 * order, an `Error` that the method answered with included; it rejects if one of its keys fails otherwise. A call with more arguments
 * than the keys is not merged.
 *
 * ```ts
 * const embed = batched(processor, { maxSize: 96 })(embedMany);   // embed('text')
 * class Users { @batched((self: Users) => self.processor) async byIds(ids: string[]): Promise<User[]> { ... } }
 * ```
 *
 * @throws InvalidOptionError where it is applied
 */
export function batched<Key = unknown, Self = unknown>(
  source: ProcessorSource<BatchingProcessor, Self>,
  options: BatcherOptions<Key> = {},
): BatchedWrapper<Key, Self> {
  checkProcessor(LABEL, source, METHOD);
  // A mistake is told where the wrapper is applied, not at the first call.
  batcherSettings(options);
  return decorate<BatchedWrapper<Key, Self>>(LABEL, (original, { form }) => {
    if (form !== 'function') return merged(original, source as Source, options as Options);
    if (typeof source !== 'function') return source.batcher(original as Loader, options as Options) as Callable;
    throw new InvalidOptionError(`the first argument of ${LABEL} around a function`, 'an AsyncProcessor', source);
  });
}

const LABEL = 'batched';
const METHOD = 'batcher';

type Source = ProcessorSource<BatchingProcessor, unknown>;
type Options = BatcherOptions<unknown>;
type Loader = LoadMany<unknown, unknown>;

interface Merging {
  readonly processor: BatchingProcessor;
  readonly load: BatchedLoad<unknown, unknown>;
}

/** An `Error` that a method answered with: its caller gets it where the method put it, and not as a rejection. */
class Answered {
  readonly error: Error;

  constructor(error: Error) {
    this.error = error;
  }
}

function merged(original: Callable, source: Source, options: Options): Callable {
  const ofReceiver = new WeakMap<object, Merging>();
  /** Stands for the receiver of calls without one. */
  const nobody = {};
  const loadOf = (self: unknown, processor: BatchingProcessor): BatchedLoad<unknown, unknown> => {
    const receiver = isObject(self) ? self : nobody;
    const known = ofReceiver.get(receiver);
    if (known?.processor === processor) return known.load;
    const loadMany = async (keys: unknown[]): Promise<BatchAnswer<unknown>> => {
      const answer = await original.call(self, keys);
      if (!Array.isArray(answer)) return answer as undefined;
      return answer.map((result: unknown) => (isError(result) ? new Answered(result) : result));
    };
    const load = processor.batcher(loadMany, options);
    ofReceiver.set(receiver, { processor, load });
    return load;
  };
  return function (this: unknown, ...args: unknown[]) {
    const [keys] = args;
    let load: BatchedLoad<unknown, unknown> | undefined;
    try {
      const processor = processorOf(LABEL, source, this, METHOD);
      if (processor.mode === 'on' && args.length === 1) load = loadOf(this, processor);
    } catch (error) {
      return Promise.reject(error);
    }
    if (load === undefined || !Array.isArray(keys)) return original.apply(this, args);
    return Promise.all(
      keys.map(async (key: unknown) => {
        const result = await load(key);
        return result instanceof Answered ? result.error : result;
      }),
    );
  };
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
