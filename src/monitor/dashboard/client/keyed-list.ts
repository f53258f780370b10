/** One row of a list: its element stays the same while the key does, so focus, selection and what is unfolded survive an update. */
export interface Row<Item> {
  readonly element: HTMLElement;
  update(item: Item): void;
}

/** Keeps the children of an element in step with a list. What else the element holds stays in front of them. */
export class KeyedList<Item> {
  readonly #parent: HTMLElement;
  readonly #before: Element | null;
  readonly #keyOf: (item: Item) => string;
  readonly #make: (item: Item) => Row<Item>;
  #rows = new Map<string, Row<Item>>();

  constructor(parent: HTMLElement, keyOf: (item: Item) => string, make: (item: Item) => Row<Item>) {
    this.#parent = parent;
    this.#before = parent.lastElementChild;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  /** Items with a key that came before are left out. */
  show(items: readonly Item[]): void {
    const rows = new Map<string, Row<Item>>();
    for (const item of items) {
      const key = this.#keyOf(item);
      if (rows.has(key)) continue;
      const row = this.#rows.get(key) ?? this.#make(item);
      row.update(item);
      rows.set(key, row);
    }
    for (const [key, row] of this.#rows) if (!rows.has(key)) row.element.remove();
    this.#rows = rows;
    this.#arrange();
  }

  #arrange(): void {
    const focused = document.activeElement;
    let last = this.#before;
    for (const { element } of this.#rows.values()) {
      const next: Element | null = last === null ? this.#parent.firstElementChild : last.nextElementSibling;
      if (next !== element) this.#parent.insertBefore(element, next);
      last = element;
    }
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.#parent.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }
}
