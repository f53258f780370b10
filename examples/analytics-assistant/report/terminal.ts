import type { Table } from './tables.ts';

/** One table as aligned text. */
export function tableText(table: Table): string {
  const judged = table.rows.some((row) => row.met !== '');
  const head = ['', ...table.columns, ...(judged ? ['target', 'met'] : [])];
  const body = table.rows.map((row) => [row.label, ...row.cells, ...(judged ? [row.target, row.met] : [])]);
  const widths = head.map((title, index) => Math.max(title.length, ...body.map((cells) => cells[index]?.length ?? 0)));
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, index) =>
      index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0),
    );
    return `  ${padded.join('  ')}`.trimEnd();
  };
  const rule = `  ${'-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))}`;
  return ['', table.title, '', line(head), rule, ...body.map(line)].join('\n');
}
