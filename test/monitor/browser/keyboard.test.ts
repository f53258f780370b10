import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeInBrowser } from './browser-suite.js';

await describeInBrowser('the dashboard by keyboard', ({ served, look }) => {
  it('can be reached with Tab alone, every control by its name and in sight', async () => {
    const { url } = await served(2);
    const { page } = await look(url);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the figures');
    await page.keyboard.press('Tab');
    const header: string[] = [];
    for (let i = 0; i < 3; i++) {
      header.push(await focusedName(page));
      await page.keyboard.press('Tab');
    }
    expect(header).toEqual(['5 min', '1 h', 'Switch to dark colours']);
    await page.locator('.skip').focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    const walked = await tabThrough(page);
    expect(walked.filter(({ name, isOutlined }) => name === '' || !isOutlined)).toEqual([]);
    const reached = [
      /^Percentiles, chart over time/,
      /^Throughput, chart over time/,
      /more about this request$/,
      /^ask_stage: chart it above$/,
      /^Search$/,
      /^CPU profile, 10 s$/,
    ];
    const names = walked.map(({ name }) => name);
    for (const name of reached) expect(names).toContainEqual(expect.stringMatching(name));
    // In the order in which they stand on the page.
    expect(names.findIndex((name) => reached[0]!.test(name))).toBeLessThan(
      names.findIndex((name) => reached[4]!.test(name)),
    );
  });

  it('unfolds a request, and leaves it unfolded and in focus while news come', async () => {
    const { service, url } = await served(2);
    const slower = service.monitor.startTimer('ask');
    service.run(30_000);
    const { page } = await look(url);
    const opened = page.locator('#slowest .unfold').first();
    const id = await opened.getAttribute('aria-controls');
    const button = page.locator(`#slowest .unfold[aria-controls="${id}"]`);
    await button.focus();
    await page.keyboard.press('Enter');
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    const details = page.locator(`#${id}`);
    expect(await details.innerText()).toMatch(/retrieve.*rerank.*model.*format.*tenant\s+t\d/s);
    slower.end();
    service.run(2_000);
    await expect.poll(() => opened.innerText()).toMatch(/^30 s/);
    expect(await details.isVisible()).toBe(true);
    expect(await page.locator('#slowest tbody').count()).toBe(10);
    expect(await hasFocus(button)).toBe(true);
  });

  it('reads a chart point by point', async () => {
    const { url } = await served(2);
    const { page, legend } = await look(url);
    const chart = page.locator('#latency [role=slider]');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^last 5 min: p50 .*, p95 .*, p99 /);
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    const spoken = await chart.getAttribute('aria-valuetext');
    expect(spoken).toMatch(/^\d\d:\d\d:\d\d: p50 /);
    expect(spoken).toContain(`p95 ${(await legend('latency'))['p95']}`);
    await page.keyboard.press('ArrowLeft');
    expect(await chart.getAttribute('aria-valuetext')).not.toBe(spoken);
    await page.keyboard.press('Escape');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^last 5 min/);
  });

  it('charts a series', async () => {
    const { url } = await served(2);
    const { page, legend } = await look(url);
    await page.locator('#series .link', { hasText: 'answer_tokens' }).focus();
    await page.keyboard.press('Enter');
    // Drawn in the next frame.
    await expect.poll(() => page.locator('#metric').inputValue()).toBe('answer_tokens');
    expect(await page.locator('#latency-title').innerText()).toBe('Values');
    expect((await legend('latency'))['p50']).toMatch(/^\d+$/);
  });

  it('finds series that are not among the most used, and charts the first with Enter', async () => {
    const { service, url } = await served(0);
    for (let i = 0; i < 30; i++) {
      for (let n = 0; n < 40 - i; n++) service.monitor.recordMetric(`part_${i}`, i + n);
    }
    service.run(1_000);
    const { page, legend } = await look(url);
    const search = page.locator('#search');
    await search.fill('PART_29');
    await page.locator('#series .link', { hasText: 'part_29' }).waitFor();
    expect(await page.locator('#series tbody tr').count()).toBe(1);
    await search.press('Enter');
    await expect.poll(() => page.locator('#metric').inputValue()).toBe('part_29');
    await expect.poll(async () => (await legend('latency'))['p50']).toBe('34');
    await search.fill('no such name');
    await expect.poll(() => page.locator('#series [role=status]').innerText()).toBe('No name holds “no such name”.');
  });

  it('leaves the focus where it is when rows change places', async () => {
    const { service, url } = await served(0);
    const { monitor } = service;
    for (let n = 0; n < 500; n++) monitor.recordMetric('first', n);
    for (let n = 0; n < 400; n++) monitor.recordMetric('second', n);
    service.run(1_000);
    const { page } = await look(url);
    const order = async (): Promise<unknown> => {
      const rows = page.locator('#series tbody tr');
      const names = await rows.evaluateAll((all) => all.map((row) => row.dataset['name']));
      return names.filter((name) => name === 'first' || name === 'second');
    };
    await expect.poll(order).toEqual(['first', 'second']);
    const second = page.locator('#series .link', { hasText: 'second' });
    await second.focus();
    for (let n = 0; n < 300; n++) monitor.recordMetric('second', n);
    service.run(2_000);
    await expect.poll(order).toEqual(['second', 'first']);
    expect(await hasFocus(second)).toBe(true);
  });

  it('reads its tables in order, the head before the rows', async () => {
    const { url } = await served(1);
    const { page } = await look(url);
    const parts = await page.locator('#slowest table > *').evaluateAll((all) => all.map((each) => each.tagName));
    expect(parts.slice(0, 3)).toEqual(['CAPTION', 'THEAD', 'TBODY']);
    expect(parts).toHaveLength(12);
  });
});

function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}

function focusedName(page: Page): Promise<string> {
  return page.locator(':focus').evaluate((element) => element.getAttribute('aria-label') ?? element.textContent ?? '');
}

/** Presses Tab to the end of the page; what was focused, by its name, and whether that could be seen. */
async function tabThrough(page: Page): Promise<{ name: string; isOutlined: boolean }[]> {
  const walked: { name: string; isOutlined: boolean }[] = [];
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body || element.className === 'skip') return null;
      const label = element.closest('label') ?? element;
      return {
        name: (element.getAttribute('aria-label') ?? label.textContent ?? '').trim(),
        isOutlined: getComputedStyle(element).outlineStyle !== 'none',
      };
    });
    if (focused === null) break;
    walked.push(focused);
  }
  return walked;
}
