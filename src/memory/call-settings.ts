import { checkNames, checkOptions } from '../core/option-names.js';
import { atLeast, flag, text } from '../core/option-values.js';

/** Options of `monitorMemory`. */
export interface MonitorMemoryOptions {
  /** Names it in events and figures. Never made of ids. Default: the function's name, of a method with its class: `Reports.load`. */
  readonly name?: string;
  /**
   * A call after which heap and buffers together have grown by more than this, in Mb of 2^20 bytes, is warned of in the log, unless other calls ran
   * meanwhile. Default 100; Infinity: never.
   */
  readonly warnAboveMb?: number;
  /**
   * Collects all garbage before and after a call that has the process to itself, so that what is reported is what it kept. It stops the thread, some
   * 100 ms for a heap of 100 MB, twice a call: for development and tests. Takes a collector (`--expose-gc`, or the manager's `gc:
   * 'high'`); without one it is told once, and calls are measured as without this. Default false.
   */
  readonly retained?: boolean;
}

/** Defaults of {@link MonitorMemoryOptions}. */
export const MONITOR_MEMORY_DEFAULTS: Readonly<{ warnAboveMb: number; retained: boolean }> = Object.freeze({
  warnAboveMb: 100,
  retained: false,
});

/** How one function's calls are measured: options with defaults, checked. */
export interface CallSettings {
  readonly warnAboveMb: number;
  readonly retained: boolean;
}

const NAMES: readonly string[] = ['name', 'warnAboveMb', 'retained'];

/** @throws InvalidOptionError */
export function resolveCallOptions(
  options: MonitorMemoryOptions,
): CallSettings & { readonly name: string | undefined } {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  const {
    name,
    warnAboveMb = MONITOR_MEMORY_DEFAULTS.warnAboveMb,
    retained = MONITOR_MEMORY_DEFAULTS.retained,
  } = options;
  return {
    name: name === undefined ? undefined : text('name', name),
    warnAboveMb: atLeast('warnAboveMb', warnAboveMb, 0),
    retained: flag('retained', retained),
  };
}
