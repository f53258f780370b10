/** One row of a list: its element stays the same while the key does, so focus, selection and what is unfolded survive an update. */
export interface Row<Item> {
  readonly element: HTMLElement;
  update(item: Item): void;
}

/** Keeps the children of an element in step with a list. */
export class KeyedList<Item> {
  readonly #parent: HTMLElement;
  readonly #keyOf: (item: Item) => string;
  readonly #make: (item: Item) => Row<Item>;
  #rows = new Map<string, Row<Item>>();

  constructor(parent: HTMLElement, keyOf: (item: Item) => string, make: (item: Item) => Row<Item>) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  /** Items with a key that came before are left out. */
  show(items: readonly Item[]): void {
    const rows = new Map<string, Row<Item>>();
    let before: Element | null = null;
    for (const item of items) {
      const key = this.#keyOf(item);
      if (rows.has(key)) continue;
      const row = this.#rows.get(key) ?? this.#make(item);
      row.update(item);
      rows.set(key, row);
      const next: Element | null = before === null ? this.#parent.firstElementChild : before.nextElementSibling;
      // Moving an element drops its focus, so one in its place is left there.
      if (next !== row.element) this.#parent.insertBefore(row.element, next);
      before = row.element;
    }
    for (const [key, row] of this.#rows) if (!rows.has(key)) row.element.remove();
    this.#rows = rows;
  }
}
