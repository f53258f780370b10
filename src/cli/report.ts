/** One table: what was asked, how it was asked, and what was measured. */
export interface Report {
  readonly title: string;
  /** What the figures mean and how they came about. Markdown, one paragraph. */
  readonly about: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  /** Figures that a target or a check reads, by name. */
  readonly figures?: Readonly<Record<string, number>>;
  readonly notes?: readonly string[];
}

/** The report as Markdown: a heading, the paragraph, the table, its notes. */
export function toMarkdown(report: Report): string {
  const parts = [`## ${report.title}`, report.about, table(report.rows)];
  if (report.notes?.length) parts.push(report.notes.map((note) => `- ${note}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

/** A Markdown table with a column for every name that occurs in a row. Numbers are aligned to the right. */
export function table(rows: Report['rows']): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isNumeric = (column: string) => rows.every((row) => typeof (row[column] ?? 0) === 'number');
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const widths = columns.map((column, i) => Math.max(3, column.length, ...cells.map((line) => line[i]!.length)));
  const line = (values: readonly string[]) =>
    `| ${values.map((v, i) => (isNumeric(columns[i]!) ? v.padStart(widths[i]!) : v.padEnd(widths[i]!))).join(' | ')} |`;
  const rule = `|${columns.map((c, i) => (isNumeric(c) ? `${'-'.repeat(widths[i]! + 1)}:` : '-'.repeat(widths[i]! + 2))).join('|')}|`;
  return [line(columns), rule, ...cells.map(line)].join('\n');
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'number' ? figure(value) : value.replaceAll('|', '\\|');
}

/** A number with three significant digits, and whole from a hundred on. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
