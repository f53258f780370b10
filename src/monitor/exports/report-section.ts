/** How a cell is to be taken: for colours, never alone. */
export type Tone = 'good' | 'bad' | 'warn';

/** Text as it is, not escaped for anything. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** A table with its heads. Columns named in `figures` hold figures, and are set to the right. */
export interface Table {
  readonly title?: string;
  readonly heads: readonly string[];
  readonly figures: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A part of a report, before it is Markdown or HTML. */
export interface Section {
  readonly title: string;
  /** Paragraphs before the tables. */
  readonly text: readonly string[];
  readonly tables: readonly Table[];
}

export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
