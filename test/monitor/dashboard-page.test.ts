import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bundleDashboardClient } from '../../build/dashboard-client.mjs';
import { pageHtml } from '../../src/monitor/dashboard/page.js';

const LARGEST = 150_000;
const { html, scriptHash, styleHash } = pageHtml();
const { markup } = await bundleDashboardClient();

/** What stands in the only element of its kind. */
function inlined(tag: 'script' | 'style'): string {
  const [opening, ...others] = [...html.matchAll(new RegExp(`<${tag}[^>]*>`, 'gi'))];
  expect(others).toEqual([]);
  const from = opening!.index + opening![0].length;
  return html.slice(from, html.indexOf(`</${tag}>`, from));
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;

describe('the page of the dashboard', () => {
  it('has one script and one style sheet, and their hashes as a Content-Security-Policy wants them', () => {
    expect(scriptHash).toBe(hashOf(inlined('script')));
    expect(styleHash).toBe(hashOf(inlined('style')));
    expect(inlined('script').length).toBeGreaterThan(50_000);
    expect(inlined('style').length).toBeGreaterThan(5_000);
  });

  it('is put together once', () => {
    expect(pageHtml()).toBe(pageHtml());
  });

  it('has no style and no handler in an attribute, which the policy would refuse', () => {
    expect(markup).not.toMatch(/\s(style|on[a-z]+)\s*=/i);
  });

  it('makes no code of text', () => {
    expect(inlined('script')).not.toMatch(
      /\beval\(|new Function\b|innerHTML|outerHTML|insertAdjacentHTML|document\.write/,
    );
  });

  it('names nothing that lies elsewhere', () => {
    const urls = html.match(/\b(?:https?|wss?|ftp):\/\/[^\s"'`)]*/gi) ?? [];
    expect(new Set(urls)).toEqual(new Set(['http://www.w3.org/2000/svg']));
    expect(html).not.toMatch(/\bsrc\s*=|@import|url\(|["'(]\/\/[a-z]/i);
    expect([...markup.matchAll(/\bhref="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      'data:,',
      '#content',
      'report.json',
    ]);
  });

  it('ends script and style where they end, and nowhere before', () => {
    expect(html.match(/<\/script/gi)).toHaveLength(1);
    expect(html.match(/<\/style/gi)).toHaveLength(1);
    expect(inlined('script')).not.toMatch(/<!--|<script/i);
    expect(html.trimEnd().endsWith('</html>')).toBe(true);
    expect(html).not.toMatch(/<!-- (script|style) -->/);
  });

  it('is small enough to be kept in a package and sent at once', () => {
    const bytes = Buffer.byteLength(html);
    console.log(`dashboard page: ${(bytes / 1000).toFixed(1)} kB of ${LARGEST / 1000} kB`);
    expect(bytes).toBeLessThanOrEqual(LARGEST);
  });

  it('says its language, fits phones, can be skipped into, and says what to do without scripts', () => {
    expect(markup).toMatch(/<html lang="en">/);
    expect(markup).toMatch(/<meta name="viewport" content="width=device-width, initial-scale=1">/);
    expect(markup).toMatch(/<a class="skip" href="#content">/);
    expect(markup).toMatch(/<noscript>.*report\.json/s);
  });

  it('gives every section a heading of its own', () => {
    const sections = [...markup.matchAll(/<section[^>]*aria-labelledby="([^"]+)"/g)].map(([, id]) => id);
    expect(markup.match(/<section/g)).toHaveLength(sections.length);
    for (const id of sections) expect(markup).toContain(`<h2 id="${id}"`);
  });
});
