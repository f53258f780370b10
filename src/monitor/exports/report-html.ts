import type { PerformanceReport } from './report.js';
import type { Cell, Section, Table } from './report-section.js';
import { introductionOf, sectionsOf } from './report-sections.js';
import { REPORT_STYLE } from './report-style.js';

/**
 * A report as one page that needs nothing else: no script, no request, light and dark as the reader has it. Texts of the host are
 * escaped.
 */
export function reportHtml(report: PerformanceReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Performance report</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<h1>Performance report</h1>
<p>${escaped(introductionOf(report))}</p>
${sectionsOf(report).map(sectionHtml).join('\n')}
</main>
</body>
</html>
`;
}

function sectionHtml({ title, text, tables }: Section): string {
  const paragraph = text.length === 0 ? '' : `<p>${escaped(text.join(' '))}</p>\n`;
  return `<section>\n<h2>${escaped(title)}</h2>\n${paragraph}${tables.map((table) => tableHtml(table, title)).join('\n')}\n</section>`;
}

/** In a box of its own that scrolls, and that the keyboard reaches. */
function tableHtml({ title, heads, figures, rows }: Table, section: string): string {
  const isFigure = heads.map((head) => figures.includes(head));
  const head = heads
    .map((text, i) => `<th scope="col"${isFigure[i] ? ' class="figure"' : ''}>${escaped(text)}</th>`)
    .join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell, i) => cellHtml(cell, isFigure[i] === true)).join('')}</tr>`);
  const name = escaped(title ?? section);
  return `${title === undefined ? '' : `<h3>${name}</h3>\n`}<div class="table" role="region" aria-label="${name}" tabindex="0">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</div>`;
}

function cellHtml(cell: Cell, isFigure: boolean): string {
  const text = typeof cell === 'string' ? escaped(cell) : `<span class="${cell.tone}">${escaped(cell.text)}</span>`;
  return `<td${isFigure ? ' class="figure"' : ''}>${text}</td>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: HTML has no characters for these
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

function escaped(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd').replace(/[&<>"']/g, (c) => ESCAPES[c]!);
}
