import type { Table, Verdict } from './tables.ts';

export interface Chart {
  readonly title: string;
  readonly svg: string;
}

export interface Report {
  readonly title: string;
  readonly summary: string;
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly notes: readonly string[];
}

/** The report as one page: no script, no request to anywhere, light and dark as the reader's system is. */
export function page(report: Report): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeHtml(report.title)}</h1>
<p>${escapeHtml(report.summary)}</p>
${report.tables.map(tableHtml).join('\n')}
${report.charts.map(({ title, svg }) => `<h2>${escapeHtml(title)}</h2>\n${svg}`).join('\n')}
<h2>How these figures are made</h2>
<ul>${report.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>
</main>
</html>
`;
}

function tableHtml(table: Table): string {
  const judged = table.rows.some((row) => row.met !== '');
  const head = ['', ...table.columns, ...(judged ? ['target', 'met'] : [])];
  const rows = table.rows.map((row) => {
    const cells = row.cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(row.label)}</th>${cells}${judged ? `<td>${escapeHtml(row.target)}</td>${verdictHtml(row.met)}` : ''}</tr>`;
  });
  return `<h2>${escapeHtml(table.title)}</h2>
<div class="scroll"><table>
<thead><tr>${head.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>`;
}

function verdictHtml(verdict: Verdict): string {
  return `<td class="${verdict === 'yes' || verdict === 'no' ? verdict : 'open'}">${escapeHtml(verdict)}</td>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1f24; --paper: #fff; --soft: #667; --line: #dde; --yes: #177245; --no: #b3261e;
  --series-0: #8a8f98; --series-1: #b7791f; --series-2: #2563eb; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #14171b; --soft: #9aa3ad; --line: #2c323a; --yes: #57c78a; --no: #ff8a80;
    --series-0: #9aa3ad; --series-1: #e0a84a; --series-2: #6ea0ff; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: 500; white-space: pre; }
thead th { color: var(--soft); font-weight: 600; }
td.yes { color: var(--yes); font-weight: 700; } td.no { color: var(--no); font-weight: 700; } td.open { color: var(--soft); }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
li { margin: .4rem 0; }
`;
