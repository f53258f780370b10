import { type Clock, systemClock } from '../core/clock.js';
import { type Duration, toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { checkMode, type Mode } from '../core/mode.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { oneOf, text } from '../core/option-values.js';
import type { LevelThresholds } from './memory-level.js';
import { type MemoryReader, systemMemoryReader } from './memory-reader.js';

/**
 * When garbage is collected on purpose. `exposed`: where the process was started with `--expose-gc`. `off`: never. `high`: the collector
 * is made available to hotpath, in this process, at the first use. It stops the thread: some 100 ms for a heap of 100 MB.
 */
export type CollectPolicy = 'exposed' | 'off' | 'high';

/** Options of a {@link MemoryManager}. */
export interface MemoryManagerOptions {
  /** Names it in events and figures. Default `'default'`. */
  readonly name?: string;
  /** Memory that the process may take, in Mb of 2^20 bytes. Default: the container's limit, else what the machine has. */
  readonly maxMemoryMb?: number;
  /** Shares of the limit that begin a level, above 0 and up to 1, rising. Default 0.7, 0.8 and 0.9. */
  readonly levels?: Partial<LevelThresholds>;
  /** How far below its threshold a level ends, as a share of the limit. Below `levels.elevated`; default 0.05. */
  readonly hysteresis?: number;
  /** How long it has to be that far below. Default `'5s'`. A level begins at once. */
  readonly dwell?: Duration;
  /** How often memory is looked at while all is calm, 100 ms to 1 minute. Default `'1s'`. It is looked at more often when it is not. */
  readonly interval?: Duration;
  /** Default `'exposed'`. */
  readonly gc?: CollectPolicy;
  /** Shortest time from one collection on purpose to the next. At least 1 s; default `'30s'`. */
  readonly gcInterval?: Duration;
  /** How long something registered may take to answer before it counts as hung. Default `'1s'`. */
  readonly trimTimeout?: Duration;
  /** `off` looks at nothing by itself and admits everything; `observe` looks and tells, trims and refuses nothing. Default `'on'`. */
  readonly mode?: Mode;
  /** Where time comes from. Default: the system's, which never steps back; tests bring their own. */
  readonly clock?: Clock;
  /** Takes warnings, at most one a minute of each kind, with the data first, as pino does. Default: none. */
  readonly logger?: Logger;
  /** Where memory is read; for tests. */
  readonly reader?: MemoryReader;
}

/** Defaults of {@link MemoryManagerOptions}. */
export const MEMORY_DEFAULTS: Readonly<{
  name: string;
  levels: LevelThresholds;
  hysteresis: number;
  dwell: Duration;
  interval: Duration;
  gc: CollectPolicy;
  gcInterval: Duration;
  trimTimeout: Duration;
  mode: Mode;
}> = Object.freeze({
  name: 'default',
  levels: Object.freeze({ elevated: 0.7, high: 0.8, critical: 0.9 }),
  hysteresis: 0.05,
  dwell: '5s',
  interval: '1s',
  gc: 'exposed',
  gcInterval: '30s',
  trimTimeout: '1s',
  mode: 'on',
});

/** Options with defaults, checked. */
export interface MemorySettings {
  readonly name: string;
  readonly maxBytes: number | undefined;
  readonly levels: LevelThresholds;
  readonly hysteresis: number;
  readonly dwellMs: number;
  readonly intervalMs: number;
  readonly gc: CollectPolicy;
  readonly gcIntervalMs: number;
  readonly trimTimeoutMs: number;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly reader: MemoryReader;
}

const NAMES: readonly string[] = [...Object.keys(MEMORY_DEFAULTS), 'maxMemoryMb', 'clock', 'logger', 'reader'];
const LEVEL_NAMES = ['elevated', 'high', 'critical'] as const;
const MINUTE = 60_000;

/** @throws InvalidOptionError */
export function resolveMemoryOptions(options: MemoryManagerOptions): MemorySettings {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all: typeof MEMORY_DEFAULTS = { ...MEMORY_DEFAULTS, ...given };
  const { maxMemoryMb, clock, logger, reader } = options;
  const levels = checkLevels(options.levels);
  return {
    name: text('name', all.name),
    maxBytes: maxMemoryMb === undefined ? undefined : megabytes('maxMemoryMb', maxMemoryMb) * 2 ** 20,
    levels,
    hysteresis: checkHysteresis(all.hysteresis, levels),
    dwellMs: toMs('dwell', all.dwell, { infinite: false }),
    intervalMs: within('interval', all.interval, 100, MINUTE),
    gc: oneOf('gc', all.gc, ['exposed', 'off', 'high']),
    gcIntervalMs: within('gcInterval', all.gcInterval, 1_000, Number.POSITIVE_INFINITY),
    trimTimeoutMs: toMs('trimTimeout', all.trimTimeout, { zero: false, infinite: false }),
    mode: checkMode(all.mode),
    clock: clock ?? systemClock(),
    logger,
    reader: reader ?? systemMemoryReader(),
  };
}

/** A number of Mb above 0. @throws InvalidOptionError */
export function megabytes(option: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidOptionError(option, 'a number of Mb (2^20 bytes) above 0', value);
}

function within(option: string, value: Duration, least: number, most: number): number {
  const ms = toMs(option, value);
  if (ms >= least && ms <= most) return ms;
  const bound = most === Number.POSITIVE_INFINITY ? `at least ${least} ms` : `${least} to ${most} ms`;
  throw new InvalidOptionError(option, `a duration of ${bound}`, value);
}

/** A level that ends at nothing in use would never end. */
function checkHysteresis(value: number, { elevated }: LevelThresholds): number {
  if (typeof value === 'number' && value >= 0 && value < elevated) return value;
  throw new InvalidOptionError('hysteresis', `a share from 0 on and below levels.elevated (${elevated})`, value);
}

function checkLevels(given: Partial<LevelThresholds> | undefined): LevelThresholds {
  if (given === undefined) return MEMORY_DEFAULTS.levels;
  checkOptions('levels', given);
  checkNames('levels.', given, LEVEL_NAMES);
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const levels = { ...MEMORY_DEFAULTS.levels, ...defined };
  let before = 0;
  for (const name of LEVEL_NAMES) {
    const share = levels[name];
    if (!(typeof share === 'number' && share > before && share <= 1)) {
      throw new InvalidOptionError(`levels.${name}`, `a share above ${before} and up to 1`, share);
    }
    before = share;
  }
  return levels;
}
