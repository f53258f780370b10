import type { CancelTimer } from '../core/clock.js';
import type { CollectionWatch } from './collection-watch.js';
import { FreedBuffers } from './freed-buffers.js';
import { GarbageBook } from './garbage-book.js';
import { levelChange } from './level-change.js';
import { ALL_OFF, type LevelSwitches, levelOn, switched } from './level-switches.js';
import { lookDelay, msToLimit, residentAge } from './look-pace.js';
import type { MemoryEventSource } from './memory-event-source.js';
import { MEMORY_LEVELS, type MemoryLevel } from './memory-level.js';
import type { MemorySettings } from './memory-options.js';
import { MemorySampler } from './memory-sampler.js';
import type { MemoryReading } from './memory-usage.js';
import { inUseBytes, type Pressure, pressureOf } from './pressure.js';
import { RecentRise } from './recent-rise.js';
import { type Relief, reliefNeeded, reliefTarget } from './relief.js';

/** What a look has found. */
export interface Look {
  readonly reading: MemoryReading;
  readonly pressure: Pressure;
  readonly level: MemoryLevel;
}

/** What a {@link MemoryWatch} works with. */
export interface WatchParts {
  readonly settings: MemorySettings;
  readonly collections: CollectionWatch;
  readonly events: MemoryEventSource;
  /** Called after each look that it made by itself, in the same turn. */
  onLook(look: Look): void;
}

/** Looks at memory, by itself once started, and knows the level. */
export class MemoryWatch {
  readonly #parts: WatchParts;
  readonly #sampler: MemorySampler;
  #switches: LevelSwitches = ALL_OFF;
  #rise = new RecentRise();
  #last: Look | undefined;
  readonly #freedBuffers = new FreedBuffers();
  #msToLimit = Number.POSITIVE_INFINITY;
  #cancel: CancelTimer | undefined;
  /** Counts starts and stops: what began before the last of them has no say any more. */
  #turn = 0;
  #isRunning = false;
  #stopCollections: (() => void) | undefined;
  readonly garbage: GarbageBook = new GarbageBook();
  #looks = 0;
  #levelChanges = 0;
  #levelSince: number;
  readonly #msAtLevel: Record<MemoryLevel, number> = { normal: 0, elevated: 0, high: 0, critical: 0 };

  constructor(parts: WatchParts) {
    this.#parts = parts;
    const { reader, clock, maxBytes } = parts.settings;
    const onTrouble = (error: unknown, during: string): void => parts.events.trouble(error, during);
    this.#sampler = new MemorySampler({ reader, clock, maxBytes, onTrouble });
    this.#levelSince = clock.now();
  }

  /** Of the last look. */
  get level(): MemoryLevel {
    return levelOn(this.#switches);
  }

  get last(): Look | undefined {
    return this.#last;
  }

  get looks(): number {
    return this.#looks;
  }

  get levelChanges(): number {
    return this.#levelChanges;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#turn++;
    this.#stopCollections = this.#parts.collections.on(({ kind }) => {
      if (kind === 'major') this.#collected();
    });
    this.#tick();
  }

  stop(): void {
    this.#isRunning = false;
    this.#turn++;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#stopCollections?.();
    this.#stopCollections = undefined;
    this.garbage.lostSight();
  }

  /** Looks now. @param isFresh - the system is asked for resident memory, however lately that was done */
  look(isFresh: boolean): Look {
    const { settings, events } = this.#parts;
    const before = this.#last?.reading;
    let reading = this.#read(isFresh ? 0 : residentAge(this.level, this.#roomBytes(before)));
    let pressure = pressureOf(reading);
    if (!isFresh && pressure.signal !== 'heap' && pressure.fraction >= settings.levels[this.#nextUp()]) {
      // An estimate is enough to look closer, not to act.
      reading = this.#read(0);
      pressure = pressureOf(reading);
    }
    this.#looks++;
    this.#msToLimit = msToLimit(before, reading);
    this.#rise.add(reading.at, pressure.signal, pressure.usedBytes);
    const previous = this.level;
    this.#switches = switched(this.#switches, pressure.fraction, reading.at, settings);
    const { level } = this;
    if (level !== previous) {
      this.#msAtLevel[previous] += Math.max(0, reading.at - this.#levelSince);
      this.#levelSince = reading.at;
      this.#levelChanges++;
      events.emit('level', levelChange({ level, previous, reading, pressure, bytesPerMs: this.#rise.bytesPerMs }));
    }
    this.#last = { reading, pressure, level };
    return this.#last;
  }

  /** What is to be given back after a look. */
  relief({ reading, level }: Look): Relief {
    const { levels, hysteresis } = this.#parts.settings;
    const target = reliefTarget(levels.elevated, hysteresis);
    const criticalEnd = levels.critical - hysteresis;
    return reliefNeeded(reading, { level, target, criticalEnd, pendingBytes: this.pendingBytes() });
  }

  /** Freed since the last major collection, and still counted as in use. */
  pendingBytes(): number {
    return this.garbage.pendingBytes(this.#parts.settings.clock.now(), this.#isRunning);
  }

  /** Time spent at each level so far. */
  msAtLevel(): Readonly<Record<MemoryLevel, number>> {
    const since = Math.max(0, this.#parts.settings.clock.now() - this.#levelSince);
    return { ...this.#msAtLevel, [this.level]: this.#msAtLevel[this.level] + since };
  }

  #read(residentMs: number): MemoryReading {
    const reading = this.#sampler.sample(residentMs);
    const { levels, hysteresis } = this.#parts.settings;
    const { liveBytes } = this.garbage;
    const isCalm = reading.rssBytes < reliefTarget(levels.elevated, hysteresis) * reading.limitBytes;
    const freedBufferBytes = this.#freedBuffers.bytes(reading, isCalm);
    return { ...reading, freedBufferBytes, ...(liveBytes !== undefined && { heapLiveBytes: liveBytes }) };
  }

  /** Of the process, up to the next level. */
  #roomBytes(reading: MemoryReading | undefined): number {
    if (reading === undefined) return 0;
    return Math.max(0, this.#parts.settings.levels[this.#nextUp()] * reading.limitBytes - inUseBytes(reading));
  }

  #nextUp(): 'elevated' | 'high' | 'critical' {
    const next = MEMORY_LEVELS[MEMORY_LEVELS.indexOf(this.level) + 1];
    return next === undefined || next === 'normal' ? 'critical' : next;
  }

  #tick(): void {
    const { clock, intervalMs } = this.#parts.settings;
    const turn = ++this.#turn;
    let delay = intervalMs;
    try {
      delay = this.#lookAndTell();
    } catch (error) {
      this.#parts.events.trouble(error, 'a look at memory');
    }
    // What was trimmed may have stopped the manager, or set it going anew.
    if (turn === this.#turn) this.#cancel = clock.setTimer(() => this.#tick(), delay);
  }

  /** @returns when to look again */
  #lookAndTell(): number {
    const look = this.look(false);
    this.#parts.onLook(look);
    return lookDelay(this.#parts.settings.intervalMs, look.level, this.#msToLimit);
  }

  /** Right after a major collection the figures mean most: what was freed is gone, and what is left is alive. */
  #collected(): void {
    const { reader, clock } = this.#parts.settings;
    this.garbage.collected(reader.oldGenerationBytes(), clock.now());
    this.#cancel?.();
    this.#tick();
  }
}
