/// <reference path="./client.d.ts" />
import { markup, script, style } from 'hotpath:dashboard-client';
import { createHash } from 'node:crypto';

/** The dashboard as one document that loads nothing else, and what a Content-Security-Policy lets it run. */
export interface DashboardPage {
  readonly html: string;
  /** Of the one inline script: `sha256-...`, without quotes. */
  readonly scriptHash: string;
  /** Of the one inline style sheet. */
  readonly styleHash: string;
}

let page: DashboardPage | undefined;

/** Put together on first use, the same for every visitor: it holds no data. */
export function pageHtml(): DashboardPage {
  page ??= compose();
  return page;
}

function compose(): DashboardPage {
  const html = markup
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    .replace('<!-- script -->', () => `<script>${script}</script>`);
  return { html, scriptHash: sourceHash(script), styleHash: sourceHash(style) };
}

/** Source: https://www.w3.org/TR/CSP3/#match-element-to-source-list */
function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
