import { forget } from '../core/calls/abandoned-calls.js';
import { type CallWatch, nextCall } from '../core/calls/call-watch.js';
import { collectAll } from './call-collection.js';
import type { Attribution, CallMemory } from './call-memory.js';
import type { CallMeterParts } from './call-meter.js';
import type { CallOverlap, Stay } from './call-overlap.js';
import { type CallReading, differenceOf, grownBytes, readForCall } from './call-readings.js';
import type { CallSettings } from './call-settings.js';
import type { CallTotals } from './call-totals.js';
import { tellTrouble } from './call-troubles.js';
import { MB } from './memory-usage.js';

/** One call, and what it is measured with. */
export interface CallFacts {
  readonly name: string;
  readonly settings: CallSettings;
  /** Whether garbage was collected right before it. */
  readonly isCollected: boolean;
  readonly parts: CallMeterParts;
  readonly overlap: CallOverlap;
  readonly totals: CallTotals;
}

/** Memory as it was when a call began. */
interface Begin {
  readonly at: number;
  readonly reading: CallReading;
  /** `undefined` while nobody watches collections. */
  readonly majors: number | undefined;
}

/** A call whose memory is measured. Holds figures alone, neither arguments nor answer. Never throws. */
export class CallUnderWay implements CallWatch {
  readonly order: number = nextCall();
  readonly #facts: CallFacts;
  readonly #stay: Stay;
  #begin: Begin | undefined;
  #hasReturned = false;
  #isOver = false;

  constructor(facts: CallFacts) {
    this.#facts = facts;
    this.#stay = facts.overlap.begin();
  }

  begin(): void {
    const { parts } = this.#facts;
    const { clock, reader, collections } = parts;
    try {
      const majors = collections.isWatching ? collections.majors : undefined;
      const at = clock.now();
      // The heap last: what the rest has allocated is not the call's.
      this.#begin = { at, majors, reading: readForCall(reader, parts.wants()) };
    } catch (error) {
      this.trouble(error);
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The function has returned, and goes on. */
  returned(): void {
    this.#hasReturned = true;
    this.#facts.overlap.returned(this.#stay);
  }

  chunk(): void {}

  succeed(): void {
    this.#end(false);
  }

  fail(): void {
    this.#end(true);
  }

  stop(): void {
    this.#begin = undefined;
    this.#end(false);
  }

  abandonment(): () => void {
    return () => this.stop();
  }

  trouble(error: unknown): void {
    tellTrouble(this.#facts.parts, error, `measuring the memory of '${this.#facts.name}'`);
  }

  #end(failed: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { overlap, totals, name } = this.#facts;
    const isAlone = !this.#hasReturned || overlap.isAlone(this.#stay);
    overlap.end();
    if (this.#hasReturned) forget(this);
    const grownMb = this.#begin === undefined ? undefined : this.#measured(this.#begin, isAlone, failed);
    const how = grownMb === undefined ? 'unmeasured' : isAlone ? 'exclusive' : 'overlapped';
    totals.add(name, { how, failed, grownMb: grownMb ?? 0 });
  }

  /** By how many Mb heap and buffers together have grown; `undefined` when that could not be read. */
  #measured(begin: Begin, isAlone: boolean, failed: boolean): number | undefined {
    const { settings, isCollected, parts } = this.#facts;
    let grownMb: number | undefined;
    try {
      const ms = Math.max(0, parts.clock.now() - begin.at);
      const isRetained = isCollected && isAlone && collectAll(parts);
      const after = readForCall(parts.reader, begin.reading.rssBytes !== undefined);
      grownMb = grownBytes(begin.reading, after) / MB;
      const isAboveWarning = grownMb > settings.warnAboveMb;
      const isWarning = isAboveWarning && isAlone;
      const wants = parts.wants();
      if (!wants && !isWarning) return grownMb;
      const attribution = isRetained ? 'retained' : isAlone ? 'exclusive' : 'overlapped';
      const report: CallMemory = {
        name: this.#facts.name,
        attribution,
        ...differenceOf(begin.reading, after),
        ...this.#collections(begin, attribution),
        ms,
        failed,
        isAboveWarning,
      };
      if (isWarning) parts.warn(`'${report.name}' has grown memory by more than ${settings.warnAboveMb} Mb`, report);
      if (wants) parts.onCall(report);
    } catch (error) {
      this.trouble(error);
    }
    return grownMb;
  }

  #collections({ majors }: Begin, attribution: Attribution): { majorCollections?: number } {
    const { collections } = this.#facts.parts;
    if (majors === undefined || !collections.isWatching || !this.#hasReturned || attribution === 'retained') return {};
    return { majorCollections: collections.majors - majors };
  }
}
