import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { page, type Report } from './page.ts';
import { tableText } from './terminal.ts';

/** Writes the page to `reports/<name>` in the root of the repository, and the same tables and notes to the terminal. */
export function publish(report: Report, name: string, startedAt: number): void {
  const file = new URL(`../../../reports/${name}`, import.meta.url);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, page(report));

  console.log(report.summary);
  for (const table of report.tables) console.log(tableText(table));
  console.log(`\n${report.notes.map((note) => `- ${note}`).join('\n')}`);
  console.log(`\n${fileURLToPath(file)} written. ${((performance.now() - startedAt) / 1_000).toFixed(0)} s in all.`);
}
