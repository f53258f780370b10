import type { Mode } from '../core/mode.js';
import { Admission } from './admission.js';
import { CallMeter } from './call-meter.js';
import { Collecting } from './collecting.js';
import { CollectionWatch } from './collection-watch.js';
import { LeakWatches } from './leak-watches.js';
import { memoryAdvice } from './memory-advice.js';
import { MemoryEventSource } from './memory-event-source.js';
import type { Trim } from './memory-events.js';
import type { MemoryLevel } from './memory-level.js';
import { type MemoryManagerOptions, type MemorySettings, resolveMemoryOptions } from './memory-options.js';
import { type MemoryStats, registeredStats } from './memory-stats.js';
import { type Look, MemoryWatch } from './memory-watch.js';
import type { Optimization } from './optimization.js';
import { Registry } from './registry.js';
import { Response } from './response.js';
import { Trimming } from './trimming.js';

/** A look is too old for `admit()` after this many intervals: the event loop was blocked, or nothing is started. */
const STALE_LOOKS = 2;

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
      pendingBytes: () => this.watch.garbage.pendingBytes(clock.now(), this.collections.isWatching),
      onCollected: (collection) => this.events.emit('gc', collection),
    });
    const trimming = new Trimming({
      ...{ clock, timeoutMs: trimTimeoutMs, onTrouble },
      onTrim: (trim) => this.#trimmed(trim),
    });
    this.#response = new Response({ clock, registry: this.registry, trimming, collecting: this.collecting });
    this.leaks = new LeakWatches({
      ...{ settings: this.settings, collections: this.collections, events: this.events },
      isOff: () => this.#mode === 'off',
    });
    this.calls = new CallMeter({
      ...{ clock, reader, collections: this.collections, onTrouble },
      collectNow: () => this.#collectNow(),
      wants: () => this.events.wants('call'),
      onCall: (report) => this.events.emit('call', report),
      warn: (what, data) => this.events.warn(what, data),
    });
    this.admission = new Admission({
      ...{ clock, events: this.events },
      mode: () => (this.#isClosed ? 'off' : this.#mode),
      level: () => this.#levelForAdmission(),
    });
  }

  get mode(): Mode {
    return this.#mode;
  }

  setMode(mode: Mode): void {
    this.#mode = mode;
    if (this.#isStarted) this.#run();
  }

  start(): void {
    if (this.#isStarted || this.#isClosed) return;
    this.#isStarted = true;
    this.#run();
    const last = this.watch.last;
    for (const advice of last ? memoryAdvice(last.reading) : []) this.events.warn(advice, {});
  }

  stop(): void {
    this.#isStarted = false;
    this.watch.stop();
  }

  async optimize(): Promise<Optimization> {
    const look = this.watch.look(true);
    if (this.#mode === 'off' || this.#isClosed) {
      return { level: look.level, freedBytes: 0, actions: [], reason: 'off' };
    }
    return this.#respond(look);
  }

  stats(): MemoryStats {
    const { watch, collecting, collections, admission } = this;
    return {
      level: watch.level,
      isStarted: this.#isStarted,
      looks: watch.looks,
      levelChanges: watch.levelChanges,
      msAtLevel: watch.msAtLevel(),
      registered: this.registry.inOrder().map(registeredStats),
      trims: this.#trims,
      freedBytes: this.#freedBytes,
      forcedCollections: collecting.count,
      forcedCollectionMs: collecting.ms,
      majorCollections: collections.majors,
      majorCollectionMs: collections.majorMs,
      liveBytes: watch.garbage.liveBytes,
      admitted: admission.admitted,
      refused: admission.refused,
      calls: this.calls.stats(),
      leaks: this.leaks.reports,
      advice: memoryAdvice((watch.last ?? watch.look(false)).reading),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.stop();
    this.leaks.stop();
    await this.#response.settled();
    this.registry.clear();
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
    void this.#respond(look);
  }

  #respond(look: Look): Promise<Optimization> {
    const relief = this.watch.relief(look);
    return this.#response.respond({ level: look.level, relief, isObserving: this.#mode === 'observe' });
  }

  #trimmed(trim: Trim): void {
    if (trim.outcome === 'freed') {
      this.#trims++;
      this.#freedBytes += trim.freedBytes;
      this.watch.garbage.freed(trim.freedBytes, this.settings.clock.now());
    }
    this.events.emit('trim', trim);
  }

  #levelForAdmission(): MemoryLevel {
    const { last } = this.watch;
    const now = this.settings.clock.coarse();
    const { intervalMs } = this.settings;
    const oldest = this.watch.isRunning ? STALE_LOOKS * intervalMs : intervalMs;
    if (last && now - last.reading.at < oldest && now >= last.reading.at - 1_000) return last.level;
    try {
      return this.watch.look(false).level;
    } catch (error) {
      this.events.trouble(error, 'a look at memory');
      return this.watch.level;
    }
  }
}
