import type { AnyFunction, Fitting, PlainRest } from './decorate.js';

/**
 * A wrapper in its three forms, for functions of any kind: sync, promise, async iterator. The wrapped function keeps its whole
 * type.
 */
export interface AnyWrapper<Args extends readonly unknown[], Result, Self> {
  <This, F extends (this: This, ...args: never[]) => unknown>(
    method: F & Fitting<F, Args, Result>,
    context: ClassMethodDecoratorContext<This> & ([This] extends [Self] ? unknown : never),
  ): F;
  <F extends AnyFunction>(
    target: Self extends object ? NoInfer<Self> : object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F & Fitting<F, Args, Result>>,
  ): TypedPropertyDescriptor<F>;
  <F extends AnyFunction>(fn: F, ...rest: PlainRest<F, Args, Result>): F;
}
