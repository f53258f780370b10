import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeInBrowser, MINUTE } from './browser-suite.js';
import { textContrasts } from './contrast.js';
import { texts } from './visit.js';

/** `SCREENSHOTS=docs/images` writes those of the documentation. */
const SCREENSHOTS = process.env['SCREENSHOTS'] ?? 'reports';
const LARGEST_SCREENSHOT = 200_000;
const HOSTILE = '<img src=x onerror="window.hacked = 1">';
const PHONE = { isMobile: true, hasTouch: true, viewport: { width: 390, height: 844 } };
/** WCAG 2.2, 1.4.3. */
const LEAST_CONTRAST = 4.5;

await describeInBrowser('the look of the dashboard', ({ service: serviceOf, served, serve, look }) => {
  it('shows names and metadata of the host as text, whatever they hold', async () => {
    const service = serviceOf(0);
    const { monitor } = service;
    monitor.recordMetric(HOSTILE, 1);
    monitor.mark(HOSTILE, { [HOSTILE]: HOSTILE });
    const stats = () => ({ hits: 1, misses: 1, missReasons: { [HOSTILE]: 1 } });
    monitor.attach({ [HOSTILE]: { getOrSet() {}, stats } });
    monitor.alert({ name: HOSTILE, metric: HOSTILE, stat: 'max', when: { above: 0 } });
    const timer = monitor.startTimer('ask', { [HOSTILE]: HOSTILE });
    timer.stage(HOSTILE);
    timer.annotate({ [HOSTILE]: HOSTILE });
    service.run(5_000);
    timer.end({ error: Object.assign(new Error(HOSTILE), { code: HOSTILE }) });
    service.run(2_000);
    const { page } = await look(await serve(service));
    await page.locator('#slowest .unfold').first().click();
    await page.locator('.alert[data-state=firing]').waitFor();
    for (const section of ['latency', 'alerts', 'slowest', 'caches', 'series', 'stages']) {
      expect(await page.locator(`#${section}`).textContent()).toContain(HOSTILE);
    }
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  it('says what is missing while nothing has been measured', async () => {
    const { url } = await served(0);
    const { page } = await look(url);
    await expect.poll(() => texts(page, '.light .word')).toEqual(Array(5).fill('no verdict'));
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

  it('fits small screens: nothing scrolls sideways but what is meant to', async () => {
    const { service, url } = await served(2);
    service.monitor.recordMetric(`a_name_that_has_no_end_${'x'.repeat(120)}`, 1);
    service.run(1_000);
    const { page } = await look(url, PHONE);
    for (const unfold of await page.locator('#slowest .unfold').all()) await unfold.click();
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      // Charts follow the width of their panels a frame later.
      await expect.poll(() => tooWide(page)).toEqual([]);
    }
    // Big enough for a thumb.
    const heights = await page.locator('.controls button').evaluateAll((all) => all.map((each) => each.clientHeight));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(34);
  });

  it('has readable text in light and in dark, and changes at the press of a button, charts too', async () => {
    const { service, url } = await served(2);
    service.state.slowness = 8;
    service.run(MINUTE);
    const { page } = await look(url, { colorScheme: 'light' });
    await page.locator('#slowest .unfold').first().click();
    const pictures: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await expect.poll(() => brightness(page)).toSatisfy((value: number) => value > 128 === (theme === 'light'));
      const measured = await textContrasts(page);
      expect(measured.length).toBeGreaterThan(150);
      expect(measured.filter(({ contrast }) => contrast < LEAST_CONTRAST)).toEqual([]);
      pictures.push(
        await page.locator('#latency canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL()),
      );
      if (theme === 'light') await page.getByRole('button', { name: 'Switch to dark colours' }).click();
    }
    expect(pictures[1]).not.toBe(pictures[0]);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
    await page.getByRole('button', { name: 'Switch to light colours' }).click();
    expect(await brightness(page)).toBeGreaterThan(128);
  });

  it('is dark where the system is, and moves only for those who did not ask for less motion', async () => {
    const { url } = await served(0);
    const { page } = await look(url, { colorScheme: 'dark', reducedMotion: 'reduce' });
    expect(await brightness(page)).toBeLessThan(128);
    const animations = (): Promise<number> => page.evaluate(() => document.getAnimations().length);
    expect(await animations()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await expect.poll(animations).toBeGreaterThan(0);
  });

  it('looks as in the screenshots that it writes', async () => {
    const { service, url } = await served(7);
    service.monitor.mark('deploy', { version: '2.4.1' });
    service.run(2 * MINUTE);
    Object.assign(service.state, { slowness: 3.4, errorShare: 0.03 });
    service.run(2 * MINUTE);
    await mkdir(SCREENSHOTS, { recursive: true });
    const shots: Record<string, BrowserContextOptions> = {
      desktop: { viewport: { width: 1360, height: 1000 } },
      dark: { viewport: { width: 1360, height: 1000 }, colorScheme: 'dark' },
      phone: { ...PHONE, deviceScaleFactor: 2 },
    };
    for (const [name, options] of Object.entries(shots)) {
      const { page } = await look(url, { ...options, reducedMotion: 'reduce' });
      const path = join(SCREENSHOTS, `dashboard-${name}.png`);
      const bytes = (await page.screenshot({ path })).length;
      console.log(`${path}: ${(bytes / 1000).toFixed(0)} kB`);
      expect(bytes).toBeLessThan(LARGEST_SCREENSHOT);
    }
  });
});

/** Of the background, 0 to 255. */
function brightness(page: Page): Promise<number> {
  return page.evaluate(() =>
    Math.max(...(getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number)),
  );
}

/** Elements that reach beyond the right edge of the screen, those in boxes that scroll by themselves aside. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((each) => !each.closest('.scroll, .unseen, svg') && each.getBoundingClientRect().right > innerWidth + 0.5)
      .map((each) => `${each.tagName}.${each.className}`),
  );
}
