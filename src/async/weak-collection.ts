/** Things that are not kept by being in it: what nobody else holds leaves it by itself. */
export class WeakCollection<Thing extends object> implements Iterable<Thing> {
  readonly #refs = new Set<WeakRef<Thing>>();
  readonly #refOf = new WeakMap<Thing, WeakRef<Thing>>();
  readonly #gone = new FinalizationRegistry<WeakRef<Thing>>((ref) => this.#refs.delete(ref));

  add(thing: Thing): void {
    const ref = new WeakRef(thing);
    this.#refs.add(ref);
    this.#refOf.set(thing, ref);
    this.#gone.register(thing, ref, ref);
  }

  delete(thing: Thing): void {
    const ref = this.#refOf.get(thing);
    if (ref === undefined) return;
    this.#refs.delete(ref);
    this.#gone.unregister(ref);
  }

  *[Symbol.iterator](): IterableIterator<Thing> {
    for (const ref of this.#refs) {
      const thing = ref.deref();
      if (thing !== undefined) yield thing;
    }
  }
}
