import type { CallMemory } from '../../src/memory/call-memory.js';
import { CallMeter, type CallMeterParts } from '../../src/memory/call-meter.js';
import type { CallMemoryMeter } from '../../src/memory/memory-source.js';
import { MB } from '../../src/memory/memory-usage.js';
import { ManualClock } from '../manual-clock.js';

/** Memory that a test moves by hand, and all that a meter tells of it. */
export class CallMeterWorld {
  readonly clock = new ManualClock();
  /** In bytes. */
  readonly memory = { heap: 50 * MB, external: 5 * MB, rss: 100 * MB };
  readonly collections = { isWatching: false, majors: 0 };
  readonly reports: CallMemory[] = [];
  readonly warnings: { readonly what: string; readonly data: object }[] = [];
  readonly troubles: { readonly error: unknown; readonly during: string }[] = [];
  readonly reads = { heap: 0, rss: 0, collect: 0 };
  isListening = true;
  /** What a collection does; `undefined`: there is no collector. */
  collect: (() => void) | undefined;
  /** Thrown by every reading. */
  broken: Error | undefined;
  readonly meter: CallMeter;
  /** What `monitorMemory` takes. */
  readonly source: CallMemoryMeter;

  constructor(parts: Partial<CallMeterParts> = {}) {
    this.meter = new CallMeter({
      clock: this.clock,
      reader: {
        heap: () => {
          this.reads.heap++;
          if (this.broken) throw this.broken;
          const { heap, external } = this.memory;
          return { usedBytes: heap, externalBytes: external, committedBytes: heap, limitBytes: 4096 * MB };
        },
        rss: () => {
          this.reads.rss++;
          if (this.broken) throw this.broken;
          return this.memory.rss;
        },
      },
      collections: this.collections,
      collectNow: () => {
        if (!this.collect) return false;
        this.reads.collect++;
        this.collect();
        return true;
      },
      wants: () => this.isListening,
      onCall: (report) => this.reports.push(report),
      warn: (what, data) => this.warnings.push({ what, data }),
      onTrouble: (error, during) => this.troubles.push({ error, during }),
      ...parts,
    });
    this.source = { measureCall: (name, settings, call) => this.meter.measure(name, settings, call) };
  }

  /** What a call takes, in Mb and ms. */
  take(mb: { heap?: number; external?: number; rss?: number; ms?: number }): void {
    this.memory.heap += (mb.heap ?? 0) * MB;
    this.memory.external += (mb.external ?? 0) * MB;
    this.memory.rss += (mb.rss ?? 0) * MB;
    this.clock.advance(mb.ms ?? 0);
  }

  get last(): CallMemory | undefined {
    return this.reports.at(-1);
  }

  total(name: string): object | undefined {
    return this.meter.stats().byName.find((total) => total.name === name);
  }
}

export const PLAIN = { warnAboveMb: 100, retained: false };
export const RETAINED = { warnAboveMb: 100, retained: true };

/** A promise that a test settles. */
export function held<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
