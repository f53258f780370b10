const SMALLEST = 16;

/**
 * What has come and waits to be taken, in parcels of one thing or several: in the order of the places it was given, or as it came. A ring
 * by place, as large as what is under way at once.
 */
export class ParcelShelf<Thing extends object> {
  readonly #isOrdered: boolean;
  #ring: (Thing | readonly Thing[] | undefined)[] = new Array(SMALLEST);
  /** The place whose parcel is next. */
  #next = 0;
  #put = 0;
  /** Of the next parcel, how much has been taken. */
  #taken = 0;

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  /** @param place - from 0 on, each once, none left out in the end; an empty parcel only makes way for the one after it */
  put(place: number, parcel: Thing | readonly Thing[]): void {
    // What is taken as it comes gets the next place there is.
    const at = this.#isOrdered ? place : this.#put++;
    if (at - this.#next >= this.#ring.length) this.#growTo(at);
    this.#ring[at & (this.#ring.length - 1)] = parcel;
  }

  /** `undefined` when nothing may be taken now. */
  take(): Thing | undefined {
    for (;;) {
      const at = this.#next & (this.#ring.length - 1);
      const parcel = this.#ring[at];
      if (parcel === undefined) return undefined;
      if (!Array.isArray(parcel)) {
        this.#passOn(at);
        return parcel as Thing;
      }
      const thing = (parcel as readonly Thing[])[this.#taken++];
      if (this.#taken >= parcel.length) this.#passOn(at);
      if (thing !== undefined) return thing;
    }
  }

  /** Whether what was taken last was the last of its parcel. */
  get isParcelTaken(): boolean {
    return this.#taken === 0;
  }

  #passOn(at: number): void {
    this.#ring[at] = undefined;
    this.#next++;
    this.#taken = 0;
  }

  #growTo(place: number): void {
    let size = this.#ring.length;
    while (place - this.#next >= size) size *= 2;
    const grown = new Array<Thing | readonly Thing[] | undefined>(size);
    const old = this.#ring;
    for (let i = 0; i < old.length; i++) {
      const at = this.#next + i;
      grown[at & (size - 1)] = old[at & (old.length - 1)];
    }
    this.#ring = grown;
  }
}
