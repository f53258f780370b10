import { InvalidOptionError } from '../core/errors.js';

/** A processor, or how to find it from the instance a method is called on (decoration happens before dependency injection). */
export type ProcessorSource<Processor, Self> = Processor | ((self: Self) => Processor);

/**
 * @param method - what a processor is known by: the package may be loaded twice, as ES module and as CommonJS
 * @throws InvalidOptionError where a wrapper is given neither a processor nor a function
 */
export function checkProcessor(label: string, source: unknown, method: string): void {
  if (typeof source === 'function' || isProcessor(source, method)) return;
  throw new InvalidOptionError(
    `the first argument of ${label}`,
    'an AsyncProcessor, or a function that finds one in the instance',
    source,
  );
}

/**
 * The processor of a call.
 *
 * @throws InvalidOptionError where the function finds none: a call without its limits is not made. And whatever the function throws
 */
export function processorOf<Processor extends object, Self>(
  label: string,
  source: ProcessorSource<Processor, Self>,
  self: Self,
  method: string,
): Processor {
  if (typeof source !== 'function') return source;
  const found: unknown = source(self);
  if (isProcessor(found, method)) return found as Processor;
  throw new InvalidOptionError(`${label}: the result of (self) => processor`, 'an AsyncProcessor', found);
}

function isProcessor(value: unknown, method: string): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[method] === 'function'
  );
}
