/** One thing of a parcel, and whether it is the last of it. */
export interface Parcelled<Thing> {
  readonly thing: Thing;
  readonly isLast: boolean;
}

interface Parcel<Thing> {
  readonly things: readonly Thing[];
  taken: number;
}

/**
 * What has come and waits to be taken: in the order of the places it was given, or as it came. It holds as much as whoever fills
 * it lets be under way.
 */
export class ParcelShelf<Thing> {
  readonly #isOrdered: boolean;
  readonly #parcels = new Map<number, Parcel<Thing>>();
  /** The place whose parcel is next. */
  #next = 0;
  #put = 0;

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  /** @param place - from 0 on, each once, none left out in the end; an empty parcel only makes way for the one after it */
  put(place: number, things: readonly Thing[]): void {
    // What is taken as it comes gets the next place there is.
    this.#parcels.set(this.#isOrdered ? place : this.#put++, { things, taken: 0 });
  }

  /** `undefined` when nothing may be taken now. */
  take(): Parcelled<Thing> | undefined {
    for (let parcel = this.#parcels.get(this.#next); parcel; parcel = this.#parcels.get(this.#next)) {
      const thing = parcel.things[parcel.taken++];
      const isLast = parcel.taken >= parcel.things.length;
      if (isLast) this.#parcels.delete(this.#next++);
      if (parcel.taken <= parcel.things.length) return { thing: thing as Thing, isLast };
    }
    return undefined;
  }
}
