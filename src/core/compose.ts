/** Wraps a function in several wrappers, the first one innermost: the order of decorators, nearest the method first. */
export function compose<F>(fn: F, ...wrappers: readonly ((fn: NoInfer<F>) => NoInfer<F>)[]): F {
  return wrappers.reduce((wrapped, wrapper) => wrapper(wrapped), fn);
}
