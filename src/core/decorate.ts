import { HotpathError } from './errors.js';

/** Any function that answers with a promise. */
export type AsyncFunction<Args extends readonly unknown[] = never[], Result = unknown> = (
  ...args: Args
) => Promise<Result>;

/** Any function at all. */
export type AnyFunction = (...args: never[]) => unknown;

declare const UNFIT: unique symbol;

/** Stands where a function was given that a wrapper's callbacks cannot serve. Nothing can be assigned to it. */
interface Unfit<Why extends string> {
  readonly [UNFIT]: Why;
}

/**
 * Whether callbacks that take `Args` can be called with what `F` is called with. `never[]` is what no callback asks for. `F`
 * is `any` where TypeScript compares overloads, as when a wrapper is handed to `compose`: then nothing can be said.
 */
type Serves<Args extends readonly unknown[], F extends AnyFunction> = 0 extends 1 & F
  ? true
  : Args extends readonly never[]
    ? true
    : ((...args: Args) => void) extends (...args: Parameters<F>) => void
      ? true
      : false;

/** The plain form's second parameter: absent for a function that fits. Never empty, or it would answer for decorators too. */
export type PlainRest<F extends AnyFunction, Args extends readonly unknown[], Result> = Serves<Args, F> extends true
  ? Awaited<ReturnType<F>> extends Result
    ? [context?: undefined]
    : [unfit: Unfit<'its result is not what the callbacks of this wrapper take'>]
  : [unfit: Unfit<'its parameters are not what the callbacks of this wrapper take'>];

/** What a decorated method must be beside itself: nothing when it fits. */
export type Fitting<F extends AnyFunction, Args extends readonly unknown[], Result> = PlainRest<
  F,
  Args,
  Result
> extends readonly [unfit: infer Why]
  ? Why
  : unknown;

/**
 * A wrapper in its three forms, told apart by the second argument: an object with `kind` = standard decorator; a string or
 * symbol = legacy decorator (TypeScript's `experimentalDecorators`, NestJS); absent = a plain function is wrapped.
 *
 * `Args` is what the wrapper's own callbacks take: a function with these parameters, or more, fits. `Result` is what they
 * make of the result, `Self` what they make of the receiver. The wrapped function keeps its whole type, type parameters
 * included. A function that does not answer with a promise is a type error in all three.
 */
export interface AsyncWrapper<Args extends readonly unknown[] = readonly unknown[], Result = unknown, Self = unknown> {
  <This, F extends (this: This, ...args: never[]) => Promise<unknown>>(
    method: F & Fitting<F, Args, Result>,
    // A constraint on This would not do: its methods make the context's type indifferent to sub- and supertypes.
    context: ClassMethodDecoratorContext<This> & ([This] extends [Self] ? unknown : never),
  ): F;
  <F extends AsyncFunction>(
    target: Self extends object ? NoInfer<Self> : object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F & Fitting<F, Args, Result>>,
  ): TypedPropertyDescriptor<F>;
  <F extends AsyncFunction>(fn: F, ...rest: PlainRest<F, Args, Result>): F;
}

/** A function of unknown shape with a receiver: what the one implementation behind the three forms works on. */
export type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** Where a wrapper was applied. */
export interface Site {
  readonly form: 'function' | 'standard' | 'legacy';
  /** The function's or method's own name; empty for an anonymous function. */
  readonly name: string;
  /** Name of the class that declares the method, once it can be known: legacy at once, standard from the receiver of a call. */
  ownerOf(self: unknown): string;
}

/**
 * Makes the one function that serves as higher-order function, standard decorator and legacy decorator. `wrap` gets the
 * original and its site, and returns the replacement, which then takes over name, length and Reflect metadata.
 *
 * @param label - the wrapper's name, for errors
 */
export function decorate<Wrapper>(label: string, wrap: (original: Callable, site: Site) => Callable): Wrapper {
  const apply = (value: unknown, second?: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (typeof second === 'object' && second !== null) {
      return standard(label, callable(label, value), second as ClassMethodDecoratorContext, wrap);
    }
    if (typeof second === 'string' || typeof second === 'symbol') {
      return legacy(label, value as object, second, descriptor, wrap);
    }
    const original = callable(label, value);
    return disguise(wrap(original, { form: 'function', name: original.name, ownerOf: () => '' }), original);
  };
  return apply as Wrapper;
}

function standard(
  label: string,
  original: Callable,
  context: ClassMethodDecoratorContext,
  wrap: (original: Callable, site: Site) => Callable,
): Callable {
  if (context.kind !== 'method') {
    throw new HotpathError(`${label} decorates methods, not a ${context.kind}`, { code: 'NOT_A_METHOD' });
  }
  const { name } = context;
  const wrapped: Callable = disguise(
    wrap(original, {
      form: 'standard',
      name: String(name),
      ownerOf: (self) => declaringClass(self, name, wrapped),
    }),
    original,
  );
  return wrapped;
}

function legacy(
  label: string,
  target: object,
  key: string | symbol,
  descriptor: PropertyDescriptor | undefined,
  wrap: (original: Callable, site: Site) => Callable,
): PropertyDescriptor {
  if (typeof descriptor?.value !== 'function') {
    throw new HotpathError(`${label} decorates methods, ${String(key)} is none`, { code: 'NOT_A_METHOD' });
  }
  const original = descriptor.value as Callable;
  const owner = typeof target === 'function' ? target.name : (target.constructor?.name ?? '');
  const wrapped = wrap(original, { form: 'legacy', name: String(key), ownerOf: () => owner });
  return { ...descriptor, value: disguise(wrapped, original) };
}

/** The class that carries the decorated method, static or not: a subclass shares its parent's method and so its name. */
function declaringClass(self: unknown, name: string | symbol, wrapped: Callable): string {
  let holder = self;
  while ((typeof holder === 'object' && holder !== null) || typeof holder === 'function') {
    if (Object.getOwnPropertyDescriptor(holder, name)?.value === wrapped) return className(holder);
    holder = Object.getPrototypeOf(holder);
  }
  // Another decorator stands outside this one, or the method is private.
  return className(self);
}

function className(holder: unknown): string {
  if (typeof holder === 'function') return holder.name;
  return (holder as { constructor?: { name?: string } } | null | undefined)?.constructor?.name ?? '';
}

function callable(label: string, value: unknown): Callable {
  if (typeof value !== 'function') {
    throw new HotpathError(`${label} wraps functions and methods, got ${typeof value}`, { code: 'NOT_A_FUNCTION' });
  }
  return value as Callable;
}

interface ReflectMetadata {
  getOwnMetadataKeys?(target: object): unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/** Gives the replacement the outward marks of the original: frameworks read them (NestJS keeps routes as Reflect metadata). */
function disguise(wrapped: Callable, original: Callable): Callable {
  Object.defineProperty(wrapped, 'name', { value: original.name, configurable: true });
  Object.defineProperty(wrapped, 'length', { value: original.length, configurable: true });
  const reflect = Reflect as ReflectMetadata;
  for (const key of reflect.getOwnMetadataKeys?.(original) ?? []) {
    reflect.defineMetadata?.(key, reflect.getOwnMetadata?.(key, original), wrapped);
  }
  return wrapped;
}
