import type { PerformanceReport } from './report.js';
import { type Cell, type Section, type Table, textOf } from './report-section.js';
import { introductionOf, sectionsOf } from './report-sections.js';

/** A report for people, as GitHub's Markdown. Texts of the host are escaped: they show as they are. */
export function reportMarkdown(report: PerformanceReport): string {
  const parts = ['# Performance report', escaped(introductionOf(report)), ...sectionsOf(report).map(sectionText)];
  return `${parts.join('\n\n')}\n`;
}

function sectionText({ title, text, tables }: Section): string {
  return [`## ${escaped(title)}`, ...(text.length > 0 ? [escaped(text.join(' '))] : []), ...tables.map(tableText)].join(
    '\n\n',
  );
}

function tableText({ title, heads, figures, rows }: Table): string {
  const lines = [
    row(heads),
    `|${heads.map((head) => (figures.includes(head) ? ' ---: ' : ' --- ')).join('|')}|`,
    ...rows.map((cells) => row(cells.map(cellText))),
  ];
  return `${title === undefined ? '' : `### ${escaped(title)}\n\n`}${lines.join('\n')}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cellText(cell: Cell): string {
  const text = escaped(textOf(cell));
  return typeof cell !== 'string' && cell.tone === 'bad' ? `**${text}**` : text;
}

/** Nothing of a text is markup afterwards, and all of it is on one line. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
      .replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ')
      .replace(/[\\`*{}[\]|~#!$@]/g, '\\$&')
      // Neither are addresses made links.
      .replace(/:(?=\/\/)|(?<=www)\./gi, '\\$&')
      // Within a word it is no markup.
      .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .trim()
  );
}
