import { expect } from 'vitest';

/** A page of docs/, and what its sections and tables state. */
export class Page {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The text below a heading of the second level. */
  section(title: string): string {
    const start = this.text.indexOf(`\n## ${title}\n`);
    expect(start, `no section ${title}`).toBeGreaterThan(0);
    const end = this.text.indexOf('\n## ', start + 1);
    return this.text.slice(start, end < 0 ? undefined : end);
  }

  /** Cells of the row that begins with a name in backticks, alone or among others; without backticks and quotes. */
  row(text: string, name: string): string[] {
    return cellsOf(text, `(?:\`[^\`]+\`, )*\`${escaped(name)}\`[^|]*`, name);
  }

  /** Cells of the row that begins with these words. */
  cells(text: string, words: string): string[] {
    return cellsOf(text, `${escaped(words)} `, words);
  }

  /** Names in backticks at the beginning of rows. */
  rowNames(text: string): string[] {
    const rows = [...text.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)];
    return rows.flatMap(([, names = '']) => names.replaceAll('`', '').split(', '));
  }

  /** Names with dots that stand in backticks. `.limit` stands for the name before it with another end. */
  dottedNames(text: string): string[] {
    const found = new Set<string>();
    let base = '';
    for (const [, name = ''] of text.matchAll(/`([a-z0-9_]*(?:\.[a-z0-9_]+)+)`/g)) {
      if (!name.startsWith('.')) base = name.slice(0, name.lastIndexOf('.'));
      found.add(name.startsWith('.') ? base + name : name);
    }
    return [...found];
  }
}

/** The names that a refused one is told to be none of. */
export function namesIn(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    const list =
      /(?:one of|options here are|has) ([\w, ]+)/.exec((error as Error).message.replace(/, got .*/, ''))?.[1] ?? '';
    return list.split(', ').map((name) => name.trim().split(' ')[0]!);
  }
  throw new Error('nothing was refused');
}

function cellsOf(text: string, first: string, name: string): string[] {
  const line = new RegExp(`^\\| ${first}\\|.*$`, 'm').exec(text)?.[0];
  expect(line, `no row for ${name}`).toBeDefined();
  // A bar within a type is escaped.
  const cells = line!.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => cell.trim().replaceAll('`', '').replaceAll("'", ''));
}

function escaped(name: string): string {
  return name.replace(/[.$]/g, '\\$&');
}
