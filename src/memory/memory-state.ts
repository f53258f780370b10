import type { Mode } from '../core/mode.js';
import { Admission } from './admission.js';
import { CallMeter } from './call-meter.js';
import { Collecting } from './collecting.js';
import { CollectionWatch } from './collection-watch.js';
import { KnownLevel } from './known-level.js';
import { LeakWatches } from './leak-watches.js';
import { memoryAdvice } from './memory-advice.js';
import { MemoryEventSource } from './memory-event-source.js';
import type { Trim } from './memory-events.js';
import { type MemoryManagerOptions, type MemorySettings, resolveMemoryOptions } from './memory-options.js';
import { type MemoryStats, registeredStats } from './memory-stats.js';
import { type Look, MemoryWatch } from './memory-watch.js';
import type { Optimization } from './optimization.js';
import { inUseBytes } from './pressure.js';
import { Registry } from './registry.js';
import { Response } from './response.js';
import { Trimming } from './trimming.js';

/** All of a manager but its outside. */
export class MemoryState {
  readonly settings: MemorySettings;
  readonly events: MemoryEventSource;
  readonly collections: CollectionWatch;
  readonly registry: Registry;
  readonly watch: MemoryWatch;
  readonly collecting: Collecting;
  readonly admission: Admission;
  readonly calls: CallMeter;
  readonly leaks: LeakWatches;
  readonly #response: Response;
  #mode: Mode;
  #isStarted = false;
  #isClosed = false;
  #trims = 0;
  #freedBytes = 0;

  constructor(options: MemoryManagerOptions) {
    this.settings = resolveMemoryOptions(options);
    const { name, logger, clock, reader, gc, gcIntervalMs, trimTimeoutMs, mode } = this.settings;
    this.#mode = mode;
    this.events = new MemoryEventSource(name, logger, clock);
    const onTrouble = (error: unknown, during: string): void => this.events.trouble(error, during);
    this.collections = new CollectionWatch((listener) => reader.watchCollections(listener), onTrouble);
    this.registry = new Registry(clock, onTrouble);
    this.watch = new MemoryWatch({
      settings: this.settings,
      collections: this.collections,
      events: this.events,
      onLook: (look) => this.#act(look),
    });
    this.collecting = new Collecting({
      ...{ clock, reader, policy: gc, intervalMs: gcIntervalMs, onTrouble },
      lastMajorAt: () => this.watch.garbage.lastMajorAt,
      pendingBytes: () => this.watch.pendingBytes(),
      onCollected: (collection) => this.events.emit('gc', collection),
    });
    const trimming = new Trimming({
      ...{ clock, timeoutMs: trimTimeoutMs, onTrouble },
      inUseBytes: () => this.#inUseBytes(),
      onTrim: (trim) => this.#trimmed(trim),
    });
    this.#response = new Response({
      ...{ clock, registry: this.registry, trimming, collecting: this.collecting, onTrouble },
      isEnded: () => this.isOff,
    });
    this.leaks = new LeakWatches({
      ...{ settings: this.settings, collections: this.collections, events: this.events },
      isOff: () => this.isOff,
      level: () => this.watch.level,
      registeredBytes: () => this.registry.registeredBytes(),
    });
    this.calls = new CallMeter({
      ...{ clock, reader, collections: this.collections, onTrouble },
      collectNow: () => this.#collectNow(),
      wants: () => this.events.wants('call'),
      onCall: (report) => this.events.emit('call', report),
      warn: (what, data) => this.events.warn(what, data),
    });
    const known = new KnownLevel(this.settings, this.watch, this.events);
    this.admission = new Admission({
      ...{ clock, events: this.events },
      mode: () => (this.isOff ? 'off' : this.#mode),
      level: () => known.read(),
    });
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** Whether nothing is measured or done: by the mode, or for good. */
  get isOff(): boolean {
    return this.#isClosed || this.#mode === 'off';
  }

  setMode(mode: Mode): void {
    this.#mode = mode;
    if (this.#isStarted) this.#run();
  }

  start(): void {
    if (this.#isStarted || this.#isClosed) return;
    this.#isStarted = true;
    this.#run();
    if (this.isOff) return;
    for (const advice of this.#advice()) this.events.warn(advice, {});
  }

  stop(): void {
    this.#isStarted = false;
    this.watch.stop();
  }

  async optimize(): Promise<Optimization> {
    const nothing = { freedBytes: 0, actions: [] } as const;
    try {
      const look = this.watch.look(true);
      if (this.isOff) return { level: look.level, ...nothing, reason: 'off' };
      return await this.#respond(look);
    } catch (error) {
      this.events.trouble(error, 'a look at memory');
      return { level: this.watch.level, ...nothing, reason: 'calm' };
    }
  }

  stats(): MemoryStats {
    const { watch, collecting, collections, admission, leaks } = this;
    return {
      level: watch.level,
      isStarted: this.#isStarted,
      looks: watch.looks,
      levelChanges: watch.levelChanges,
      msAtLevel: watch.msAtLevel(),
      registered: this.registry.inOrder().map(registeredStats),
      trims: this.#trims,
      freedBytes: this.#freedBytes,
      forcedCollections: collecting.count + leaks.collections,
      forcedCollectionMs: collecting.ms + leaks.collectionMs,
      majorCollections: collections.majors,
      majorCollectionMs: collections.majorMs,
      liveBytes: watch.garbage.liveBytes,
      admitted: admission.admitted,
      refused: admission.refused,
      calls: this.calls.stats(),
      leaks: leaks.reports,
      advice: this.#advice(),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.stop();
    this.leaks.close();
    await this.#response.settled();
    this.registry.close();
  }

  #advice(): readonly string[] {
    try {
      return memoryAdvice((this.watch.last ?? this.watch.look(false)).reading);
    } catch (error) {
      this.events.trouble(error, 'a look at memory');
      return [];
    }
  }

  #collectNow(): boolean {
    const { collector } = this.collecting;
    collector?.collectNow();
    return collector !== undefined;
  }

  #run(): void {
    if (this.#mode === 'off') this.watch.stop();
    else this.watch.start();
  }

  #act(look: Look): void {
    this.registry.tick();
    if (look.level !== 'high' && look.level !== 'critical') return;
    if (!this.#isStarted || this.#mode === 'off') return;
    void this.#respond(look);
  }

  #respond(look: Look): Promise<Optimization> {
    const relief = this.watch.relief(look);
    return this.#response.respond({ level: look.level, relief, isObserving: this.#mode === 'observe' });
  }

  #inUseBytes(): number {
    const { last } = this.watch;
    if (!last) return Number.POSITIVE_INFINITY;
    const { reading } = last;
    return Math.max(inUseBytes(reading), reading.heapUsedBytes + reading.externalBytes);
  }

  #trimmed(trim: Trim): void {
    if (trim.outcome === 'freed') {
      this.#trims++;
      this.#freedBytes += trim.freedBytes;
      this.watch.garbage.freed(trim.freedBytes, this.settings.clock.now());
    }
    this.events.emit('trim', trim);
  }
}
