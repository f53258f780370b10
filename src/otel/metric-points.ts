import type { Attributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import type { MeterLike, ObservableLike, ObservableResultLike } from './meter-like.js';
import type { InstrumentSpec, PointSink, PointSource } from './point-sink.js';

/** Instruments of one bridge: more are not made. */
const MOST_INSTRUMENTS = 2_000;

interface Point {
  readonly value: number;
  readonly attributes: Attributes;
}

interface Instrument {
  readonly spec: InstrumentSpec;
  readonly observable: ObservableLike;
  /** Of the collection under way. */
  points: Point[];
}

interface Group {
  readonly callback: (result: ObservableResultLike) => void;
  readonly observables: ObservableLike[];
}

/**
 * Reads sources out whenever the SDK collects, and at no other time. Instruments are made as their first point turns up: a batch
 * callback only counts for the instruments it was registered with, so a new one is registered with a group of its own and is seen
 * from the next collection on.
 */
export class MetricPoints implements PointSink {
  readonly #meter: MeterLike;
  readonly #sources: Readonly<Record<string, PointSource>>;
  readonly #fixed: Attributes;
  readonly #troubles: BridgeTroubles;
  /** By name in lower case: instruments are the same whatever the case. `undefined` where the meter would not make one. */
  readonly #instruments = new Map<string, Instrument | undefined>();
  readonly #byObservable = new Map<ObservableLike, Instrument>();
  readonly #groups: Group[] = [];
  #new: Instrument[] = [];
  #made = 0;
  /** Points of the collection under way for which there was no instrument: told once, not one by one. */
  #leftOut = 0;
  #isRead = false;
  #isClosed = false;

  /** @param fixed - attributes of every point */
  constructor(
    meter: MeterLike,
    sources: Readonly<Record<string, PointSource>>,
    fixed: Attributes,
    troubles: BridgeTroubles,
  ) {
    this.#meter = meter;
    this.#sources = sources;
    this.#fixed = fixed;
    this.#troubles = troubles;
    this.#read();
  }

  get instruments(): number {
    return this.#made;
  }

  add(spec: InstrumentSpec, value: number, attributes?: Attributes): void {
    if (!Number.isFinite(value)) return;
    const key = spec.name.toLowerCase();
    const instrument = this.#instruments.has(key) ? this.#instruments.get(key) : this.#make(key, spec);
    if (!instrument) return;
    if (instrument.spec.kind !== spec.kind || instrument.spec.unit !== spec.unit) {
      this.#troubles.report(new Error(`there is an instrument ${spec.name} of another kind or unit`), 'an instrument');
      return;
    }
    instrument.points.push({ value, attributes: { ...this.#fixed, ...attributes } });
  }

  close(): void {
    this.#isClosed = true;
    for (const { callback, observables } of this.#groups) {
      this.#troubles.guard('closing', () => this.#meter.removeBatchObservableCallback(callback, observables));
    }
  }

  #make(key: string, spec: InstrumentSpec): Instrument | undefined {
    if (this.#instruments.size >= MOST_INSTRUMENTS) {
      this.#leftOut++;
      return undefined;
    }
    const observable = this.#troubles.guard('an instrument', () => observableOf(this.#meter, spec));
    const instrument: Instrument | undefined = observable && { spec, observable, points: [] };
    this.#instruments.set(key, instrument);
    if (!instrument) return undefined;
    this.#made++;
    this.#byObservable.set(instrument.observable, instrument);
    this.#new.push(instrument);
    return instrument;
  }

  /** Reads all sources, once for all groups of a collection: SDKs call them in one stretch. */
  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    queueMicrotask(() => {
      this.#isRead = false;
    });
    for (const instrument of this.#instruments.values()) if (instrument) instrument.points = [];
    for (const [name, source] of Object.entries(this.#sources)) {
      this.#troubles.guard(`reading ${name}`, () => source(this));
    }
    this.#reportLeftOut();
    if (this.#new.length === 0) return;
    const observables = this.#new.map(({ observable }) => observable);
    this.#new = [];
    const callback = (result: ObservableResultLike): void => this.#observe(result, observables);
    this.#groups.push({ callback, observables });
    // Only ever added during a collection: removing one would shift those that the SDK has yet to call.
    this.#troubles.guard('new instruments', () => this.#meter.addBatchObservableCallback(callback, observables));
  }

  #reportLeftOut(): void {
    if (this.#leftOut === 0) return;
    const what = `${this.#leftOut} points are left out: there are ${MOST_INSTRUMENTS} instruments`;
    this.#leftOut = 0;
    this.#troubles.report(new Error(what), 'an instrument');
  }

  #observe(result: ObservableResultLike, observables: readonly ObservableLike[]): void {
    if (this.#isClosed) return;
    this.#troubles.guard('a collection', () => {
      this.#read();
      for (const observable of observables) {
        for (const { value, attributes } of this.#byObservable.get(observable)!.points) {
          result.observe(observable, value, attributes);
        }
      }
    });
  }
}

function observableOf(meter: MeterLike, { kind, name, unit, description }: InstrumentSpec): ObservableLike {
  const options = { description, ...(unit !== undefined && { unit }) };
  switch (kind) {
    case 'counter':
      return meter.createObservableCounter(name, options);
    case 'upDown':
      return meter.createObservableUpDownCounter(name, options);
    case 'gauge':
      return meter.createObservableGauge(name, options);
  }
}
