import { describe, InvalidOptionError } from '../core/errors.js';
import type { CallSettings } from './call-settings.js';

/** The part of a MemoryManager that `monitorMemory` uses. Known by its shape, so that one of the package's other format (ESM, CommonJS) will do. */
export interface CallMemoryMeter {
  /** Runs the call and answers what it answers. */
  measureCall<R>(name: string, settings: CallSettings, call: () => R): R;
}

/** A manager, or how to find it from the receiver of a method: decorators run before anything is injected. */
export type MemorySource<Self = unknown> = CallMemoryMeter | ((self: Self) => CallMemoryMeter);

/** @throws InvalidOptionError */
export function checkMemorySource(label: string, source: unknown): void {
  if (typeof source !== 'function' && !isMeter(source)) {
    throw new InvalidOptionError(
      `the first argument of ${label}`,
      'a MemoryManager or (self) => MemoryManager',
      source,
    );
  }
}

/** The manager of this receiver; without one the call goes on unmeasured, and the process is warned once. */
export function meterOf<Self>(label: string, source: MemorySource<Self>, self: Self): CallMemoryMeter | undefined {
  if (typeof source !== 'function') return source;
  let found: unknown;
  try {
    found = source(self);
    if (isMeter(found)) return found;
  } catch (error) {
    found = error;
  }
  if (!warned.has(source)) {
    warned.add(source);
    process.emitWarning(`${label}: no MemoryManager was found, calls go unmeasured (${describe(found)})`);
  }
  return undefined;
}

const warned = new WeakSet<object>();

function isMeter(value: unknown): value is CallMemoryMeter {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { measureCall?: unknown }).measureCall === 'function'
  );
}
