import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { findChromium } from '../services/chromium.js';
import { freePort } from '../services/free-port.js';
import { describeWith } from '../services/service.js';
import { textContrasts } from './dashboard-contrast.js';
import { type Visit, visit } from './dashboard-visit.js';
import { SimulatedService } from './simulated-service.js';

const MINUTE = 60_000;
/** `SCREENSHOTS=docs/images` writes them for the documentation. */
const SCREENSHOTS = process.env['SCREENSHOTS'] ?? 'reports';
const HOSTILE = '<img src=x onerror="window.hacked = 1">';

describeWith('the dashboard in Chromium', await findChromium(), (start) => {
  let browser: Browser;
  const closing: (() => Promise<void>)[] = [];
  const visits: Visit[] = [];

  beforeAll(async () => {
    browser = await start();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const problems = visits.splice(0).flatMap((each) => each.problems);
    for (const close of closing.splice(0).reverse()) await close();
    // Of every visit of every test: nothing on the console, no exception, no request to another host.
    expect(problems).toEqual([]);
  });

  async function serviceOf(minutes: number): Promise<{ service: SimulatedService; url: string }> {
    const service = new SimulatedService(4);
    service.run(minutes * MINUTE);
    const served = await service.monitor.serveDashboard();
    closing.push(
      () => service.monitor.close(),
      () => served.close(),
    );
    return { service, url: served.url };
  }

  async function look(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const made = await visit(browser, url, options);
    visits.push(made);
    closing.push(() => made.close());
    return made;
  }

  it('shows what the monitor has measured, and talks to nobody else', async () => {
    const { service, url } = await serviceOf(3);
    service.monitor.mark('deploy', { version: '2.4.1' });
    service.run(10_000);
    const { page, hosts, legend } = await look(url);
    expect(await page.title()).toBe('ask · hotpath');
    // The token was exchanged for a cookie: it stays in no address bar and in no history.
    expect(page.url()).toBe(`${new URL(url).origin}/`);
    expect([...hosts]).toEqual([new URL(url).host]);
    expect(await texts(page, '.light-name > :first-child')).toEqual(
      expect.arrayContaining(['Response time p95', 'Throughput', 'Memory', 'CPU', 'similarity']),
    );
    expect(await texts(page, '.light .word')).toContain('met');
    const { p50, p95, p99 } = await legend('latency');
    expect([p50, p95, p99].map((text) => /^[\d.]+ m?s$/.test(text ?? ''))).toEqual([true, true, true]);
    expect(await texts(page, '#latency tbody th')).toEqual(['All', 'Cache hits', 'Cache misses', 'Errors']);
    expect(await page.locator('#latency .marks').innerText()).toMatch(/deploy.*version 2\.4\.1/s);
    expect(await texts(page, '#stages tbody th')).toEqual(expect.arrayContaining(['model', 'retrieve', 'lookup']));
    expect(await page.locator('#slowest tbody').count()).toBe(10);
    expect(await page.locator('#caches').innerText()).toMatch(/documents.*memory.*shared tier.*miss reasons.*absent/s);
    expect(await page.locator('#queue').innerText()).toMatch(/running\s+\d+ of 12/);
    expect(await page.locator('#memory').innerText()).toMatch(/level normal.*heap\s+\d+ MB of 420 MB/s);
    expect(await texts(page, '#series .link')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^answer_tokens/)]),
    );
  });

  it('moves its charts when new values come', async () => {
    const { service, url } = await serviceOf(6);
    const { page, legend } = await look(url);
    const before = await picture(page, '#latency canvas');
    const { p99 } = await legend('latency');
    // Standing still, it is the same picture: what changes it later is the values.
    expect(await picture(page, '#latency canvas')).toBe(before);
    service.state.slowness = 30;
    service.run(30_000);
    await expect.poll(async () => (await legend('latency'))['p99']).not.toBe(p99);
    expect(await picture(page, '#latency canvas')).not.toBe(before);
    // Thirty times slower: the axis has had to grow, and the figure with it.
    expect(Number.parseFloat((await legend('latency'))['p99'] ?? '')).toBeGreaterThan(10);
    expect((await legend('latency'))['p99']).toMatch(/ s$/);
  });

  it('shows an alert when it fires, and when it is over', async () => {
    const { service, url } = await serviceOf(2);
    service.monitor.alert({ name: 'slow', metric: 'ask', window: '30s', when: { above: '3s' }, severity: 'critical' });
    service.run(1_000);
    const { page } = await look(url);
    await expect.poll(() => page.locator('#alerts-summary').innerText()).toBe('all quiet');
    service.state.slowness = 8;
    await runWatched(service, page, 20_000);
    await page.locator('.alert[data-state=firing]').waitFor();
    expect(await page.locator('.alert[data-state=firing]').innerText()).toMatch(
      /firing.*slow.*critical.*p95 above 3000/s,
    );
    expect(await page.locator('#alerts-summary').getAttribute('aria-live')).toBe('polite');
    expect(await page.locator('#alerts-summary').textContent()).toBe('1 firing: slow');
    expect(await page.title()).toBe('▲ 1 firing · ask · hotpath');
    service.state.slowness = 1;
    await runWatched(service, page, 80_000);
    await page.locator('.alert[data-state=firing]').waitFor({ state: 'hidden' });
    await expect.poll(() => page.title()).toBe('ask · hotpath');
  });

  it('says calmly that the process has gone, and goes on when it is back', async () => {
    const service = new SimulatedService(4);
    closing.push(() => service.monitor.close());
    service.run(MINUTE);
    const port = await freePort();
    const listen = async (): Promise<() => Promise<void>> => {
      const server = createServer(service.monitor.dashboard());
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      };
    };
    const stop = await listen();
    const own = await visit(browser, `http://127.0.0.1:${port}/`);
    closing.push(() => own.close());
    await stop();
    const notice = own.page.locator('#notice');
    await notice.waitFor({ timeout: 10_000 });
    expect(await notice.innerText()).toMatch(/^The process does not answer\. What you see is from \d\d:\d\d:\d\d\./);
    expect(await own.page.locator('#connection').innerText()).toBe('Not connected');
    // What was there stays to be read.
    expect(await own.page.locator('#slowest tbody').count()).toBe(10);
    closing.push(await listen());
    await own.page.locator('#connection[data-state=live]').waitFor({ timeout: 15_000 });
    await notice.waitFor({ state: 'hidden' });
    // Nothing but the refused connections, which the browser itself reports.
    expect(
      own.problems.filter((problem) => !/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE/.test(problem)),
    ).toEqual([]);
  });

  it('says that access has ended when its session has', async () => {
    const service = new SimulatedService(4);
    const served = await service.monitor.serveDashboard();
    closing.push(() => service.monitor.close());
    const own = await visit(browser, served.url);
    closing.push(() => own.close());
    await served.close();
    const again = await service.monitor.serveDashboard({ port: served.port, token: 'another-token-than-before' });
    closing.push(() => again.close());
    await own.page.locator('#connection[data-state=refused]').waitFor({ timeout: 15_000 });
    expect(await own.page.locator('#notice').innerText()).toMatch(/^This page may no longer read the figures\./);
  });

  it('can be used with the keyboard alone', async () => {
    const { url } = await serviceOf(2);
    const { page } = await look(url);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the figures');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    const walked = await tabThrough(page);
    expect(walked.filter(({ name, outlined }) => name === '' || !outlined)).toEqual([]);
    for (const reached of [
      /^Percentiles, chart over time/,
      /^Throughput, chart over time/,
      /more about this request$/,
      /^ask_stage: chart it above$/,
      /^Search$/,
      /^CPU profile, 10 s$/,
    ]) {
      expect(walked.map(({ name }) => name)).toContainEqual(expect.stringMatching(reached));
    }
    expect(await headerControls(page)).toEqual(['5 min', '1 h', 'Switch to dark colours']);
  });

  it('unfolds a request, reads a chart point by point and charts a series by keys', async () => {
    const { service, url } = await serviceOf(2);
    const { page, legend } = await look(url);
    const row = page.locator('#slowest .unfold').first();
    await row.focus();
    await page.keyboard.press('Enter');
    expect(await row.getAttribute('aria-expanded')).toBe('true');
    const details = page.locator(`#${await row.getAttribute('aria-controls')}`);
    expect(await details.innerText()).toMatch(/retrieve.*rerank.*model.*format.*tenant\s+t\d/s);
    service.run(3_000);
    await expect.poll(() => page.locator('#uptime').innerText()).toBe('up 2 min 3 s');
    expect(await details.isVisible()).toBe(true);
    expect(await row.evaluate((button) => button === document.activeElement)).toBe(true);

    const chart = page.locator('#latency [role=slider]');
    await chart.focus();
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^last 5 min: p50 .*, p95 .*, p99 /);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    const spoken = await chart.getAttribute('aria-valuetext');
    expect(spoken).toMatch(/^\d\d:\d\d:\d\d: p50 /);
    expect(spoken).toContain(`p95 ${(await legend('latency'))['p95']}`);
    await page.keyboard.press('Escape');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^last 5 min/);

    await page.locator('#series .link', { hasText: 'answer_tokens' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#metric').inputValue()).toBe('answer_tokens');
    expect(await page.locator('#latency-title').innerText()).toBe('Values');
    expect((await legend('latency'))['p50']).toMatch(/^\d+$/);
  });

  it('leaves the focus where it is when rows change places', async () => {
    const { service, url } = await serviceOf(1);
    const { monitor } = service;
    for (const [name, count] of [
      ['first', 5_000],
      ['second', 4_000],
    ] as const) {
      for (let n = 0; n < count; n++) monitor.recordMetric(name, n);
    }
    service.run(1_000);
    const { page } = await look(url);
    const names = () => page.locator('#series tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset['name']));
    const order = async () => (await names()).filter((name) => name === 'first' || name === 'second');
    expect(await order()).toEqual(['first', 'second']);
    const second = page.locator('#series .link', { hasText: 'second' });
    await second.focus();
    for (let n = 0; n < 3_000; n++) monitor.recordMetric('second', n);
    service.run(2_000);
    await expect.poll(order).toEqual(['second', 'first']);
    expect(await second.evaluate((button) => button === document.activeElement)).toBe(true);
    // The head of a table comes before its rows, for those who read it in order.
    expect(
      await page.locator('#slowest table > *').evaluateAll((parts) => parts.slice(0, 3).map((each) => each.tagName)),
    ).toEqual(['CAPTION', 'THEAD', 'TBODY']);
  });

  it('finds series that are not among the most used, and charts them', async () => {
    const { service, url } = await serviceOf(1);
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

  it('shows an hour when asked to', async () => {
    const { service, url } = await serviceOf(12);
    const { page, legend } = await look(url);
    const count = page.locator('#latency tbody tr:first-child td:nth-child(2)');
    const before = Number((await count.innerText()).replace(',', ''));
    await page.getByRole('button', { name: '1 h' }).click();
    await expect.poll(() => page.locator('#latency .legend-moment').innerText()).toBe('last 1 h');
    expect(Number((await count.innerText()).replace(',', ''))).toBeGreaterThan(before * 1.5);
    expect(await page.getByRole('button', { name: '1 h' }).getAttribute('aria-pressed')).toBe('true');
    service.run(1_000);
    expect((await legend('throughput'))['ended per minute']).toMatch(/^\d/);
  });

  it('takes a profile at the press of a button, and offers it for download', async () => {
    const { service, url } = await serviceOf(1);
    const { page } = await look(url);
    expect(await page.locator('#profiles').innerText()).toMatch(/No profile has been taken\./);
    await page.getByRole('button', { name: 'CPU profile, 10 s' }).click();
    await expect.poll(() => page.locator('#profiles [role=status]').innerText()).toMatch(/^CPU profile under way/);
    const status = page.locator('#profiles [role=status]');
    await expect
      .poll(
        () => {
          service.run(1_000);
          return status.innerText();
        },
        { timeout: 15_000, interval: 50 },
      )
      .toBe('Done: it is the first of the list.');
    service.run(1_000);
    const link = page.getByRole('link', { name: /^Download .*\.cpuprofile$/ });
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toMatch(/\.cpuprofile$/);
    expect(await page.locator('#profiles tbody tr').count()).toBeGreaterThan(0);
  });

  it('shows names and metadata of the host as text, whatever they hold', async () => {
    const service = new SimulatedService(4);
    const { monitor } = service;
    monitor.recordMetric(HOSTILE, 1);
    monitor.mark(HOSTILE, { [HOSTILE]: HOSTILE });
    monitor.attach({
      [HOSTILE]: { getOrSet() {}, stats: () => ({ hits: 1, misses: 1, missReasons: { [HOSTILE]: 1 } }) },
    });
    monitor.alert({ name: HOSTILE, metric: HOSTILE, stat: 'max', when: { above: 0 } });
    const timer = monitor.startTimer('ask', { [HOSTILE]: HOSTILE });
    timer.stage(HOSTILE);
    timer.annotate({ [HOSTILE]: HOSTILE });
    service.run(5_000);
    timer.end({ error: Object.assign(new Error(HOSTILE), { code: HOSTILE }) });
    service.run(2_000);
    const served = await monitor.serveDashboard();
    closing.push(
      () => monitor.close(),
      () => served.close(),
    );
    const { page } = await look(served.url);
    await page.locator('#slowest .unfold').first().click();
    service.run(2_000);
    await page.locator('.alert[data-state=firing]').waitFor();
    for (const section of ['latency', 'alerts', 'slowest', 'caches', 'series', 'stages']) {
      expect(await page.locator(`#${section}`).textContent()).toContain(HOSTILE);
    }
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  it('says what is missing while nothing has been measured', async () => {
    const service = new SimulatedService(4);
    const served = await service.monitor.serveDashboard();
    closing.push(
      () => service.monitor.close(),
      () => served.close(),
    );
    const { page } = await look(served.url);
    expect(await texts(page, '.light .word')).toEqual(Array(5).fill('no verdict'));
    expect(await texts(page, '.empty:visible')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Nothing has been timed yet\./),
        'No request has ended yet.',
        expect.stringMatching(/^No stages in this time\./),
        'The process has not been sampled yet.',
        expect.stringMatching(/^Nothing has been recorded yet\./),
        expect.stringMatching(/^No profile has been taken\./),
      ]),
    );
  });

  it.each([390, 320])('fits a screen of %d pixels: nothing scrolls sideways but what is meant to', async (width) => {
    const { service, url } = await serviceOf(2);
    service.monitor.recordMetric(`a_name_that_has_no_end_${'x'.repeat(120)}`, 1);
    service.run(1_000);
    const { page } = await look(url, { viewport: { width, height: 844 }, isMobile: true, hasTouch: true });
    for (const unfold of await page.locator('#slowest .unfold').all()) await unfold.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await wideElements(page)).toEqual([]);
    // Big enough for a thumb.
    const heights = await page.locator('.controls button').evaluateAll((all) => all.map((each) => each.clientHeight));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(34);
  });

  it.each(['light', 'dark'] as const)('has readable text in %s colours', async (colorScheme) => {
    const { service, url } = await serviceOf(4);
    service.state.slowness = 8;
    service.run(MINUTE);
    const { page } = await look(url, { colorScheme });
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(Math.max(...(background.match(/\d+/g) ?? []).map(Number)) > 128).toBe(colorScheme === 'light');
    await page.locator('#slowest .unfold').first().click();
    const measured = await textContrasts(page);
    expect(measured.length).toBeGreaterThan(150);
    // WCAG 2.2, 1.4.3.
    expect(measured.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
  });

  it('changes its colours at the press of a button, charts too, and keeps nothing', async () => {
    const { url } = await serviceOf(2);
    const { page } = await look(url, { colorScheme: 'dark' });
    const dark = await picture(page, '#latency canvas');
    await page.getByRole('button', { name: 'Switch to light colours' }).click();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
    await expect.poll(() => picture(page, '#latency canvas')).not.toBe(dark);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
    expect(await page.getByRole('button', { name: 'Switch to dark colours' }).count()).toBe(1);
  });

  it('does not move by itself for those who asked for less motion', async () => {
    const { url } = await serviceOf(1);
    const still = await look(url, { reducedMotion: 'reduce' });
    expect(await still.page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  it('looks as in the screenshots that it writes', async () => {
    const { service, url } = await serviceOf(9);
    service.monitor.mark('deploy', { version: '2.4.1' });
    service.run(2 * MINUTE);
    service.state.slowness = 3.4;
    service.state.errorShare = 0.03;
    service.run(2 * MINUTE);
    await mkdir(SCREENSHOTS, { recursive: true });
    const shots: Record<string, BrowserContextOptions> = {
      desktop: { viewport: { width: 1360, height: 1000 } },
      dark: { viewport: { width: 1360, height: 1000 }, colorScheme: 'dark' },
      phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
    };
    for (const [name, options] of Object.entries(shots)) {
      const { page } = await look(url, { ...options, reducedMotion: 'reduce' });
      const path = join(SCREENSHOTS, `dashboard-${name}.png`);
      const bytes = (await page.screenshot({ path })).length;
      console.log(`${path}: ${(bytes / 1000).toFixed(0)} kB`);
      expect(bytes).toBeLessThan(200_000);
    }
  });
});

/** Lets time pass no faster than the page takes in what it is sent: a page that falls far behind is let go. */
async function runWatched(service: SimulatedService, page: Page, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20_000) {
    service.run(Math.min(left, 20_000));
    await page.evaluate(() => undefined);
  }
}

function texts(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allInnerTexts();
}

/** What a canvas shows, as text that differs when it does. */
function picture(page: Page, selector: string): Promise<string> {
  return page.locator(selector).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
}

/** Presses Tab until the page has been walked through; what was focused, by its name, and whether that could be seen. */
async function tabThrough(page: Page): Promise<{ name: string; outlined: boolean }[]> {
  const walked: { name: string; outlined: boolean }[] = [];
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body || element.className === 'skip') return null;
      const label = element.closest('label') ?? element;
      return {
        name: (element.getAttribute('aria-label') ?? label.textContent ?? '').trim(),
        outlined: getComputedStyle(element).outlineStyle !== 'none',
      };
    });
    if (focused === null) break;
    walked.push(focused);
  }
  return walked;
}

function headerControls(page: Page): Promise<string[]> {
  return page
    .locator('.top button')
    .evaluateAll((buttons) => buttons.map((each) => each.getAttribute('aria-label') ?? each.textContent ?? ''));
}

/** Elements that reach beyond the right edge of the screen, those in boxes that scroll by themselves aside. */
function wideElements(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((each) => !each.closest('.scroll, .unseen, svg') && each.getBoundingClientRect().right > innerWidth + 0.5)
      .map((each) => `${each.tagName}.${each.className}`),
  );
}
