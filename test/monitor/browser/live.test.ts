import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { freePort } from '../../services/free-port.js';
import type { SimulatedService } from '../simulated-service.js';
import { describeInBrowser } from './browser-suite.js';
import { texts } from './visit.js';

await describeInBrowser('the dashboard in Chromium', ({ service: serviceOf, served, look, onClose }) => {
  it('shows what the monitor has measured, and talks to nobody else', async () => {
    const { service, url } = await served(3);
    service.monitor.mark('deploy', { version: '2.4.1' });
    service.run(10_000);
    const { page, hosts, legend } = await look(url);
    expect(await page.title()).toBe('ask · hotpath');
    // The token was exchanged for a cookie: it stays in no address bar and in no history.
    expect(page.url()).toBe(`${new URL(url).origin}/`);
    expect([...hosts]).toEqual([new URL(url).host]);
    const targets = ['Response time p95', 'Throughput', 'Memory', 'CPU', 'similarity'];
    expect(await texts(page, '.light-name > :first-child')).toEqual(expect.arrayContaining(targets));
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
    expect(await texts(page, '#series .link')).toContainEqual(expect.stringMatching(/^answer_tokens/));
  });

  it('moves its charts when new values come', async () => {
    const { service, url } = await served(3);
    const { page, legend } = await look(url);
    const before = await picture(page);
    const { p99 } = await legend('latency');
    // Standing still, it is the same picture: what changes it later is the values.
    expect(await picture(page)).toBe(before);
    service.state.slowness = 30;
    service.run(30_000);
    await expect.poll(async () => (await legend('latency'))['p99']).not.toBe(p99);
    expect(await picture(page)).not.toBe(before);
    // Thirty times slower: the figure has grown with the values.
    expect((await legend('latency'))['p99']).toMatch(/^\d\d\.?\d* s$/);
  });

  it('shows an alert when it fires, and when it is over', async () => {
    const { service, url } = await served(1);
    service.monitor.alert({ name: 'slow', metric: 'ask', window: '30s', when: { above: '3s' }, severity: 'critical' });
    service.run(1_000);
    const { page } = await look(url);
    const slow = page.locator('.alert').filter({ has: page.getByText('slow', { exact: true }) });
    const state = (): Promise<string | null> => slow.getAttribute('data-state');
    expect(await page.locator('#alerts-summary').innerText()).toBe('all quiet');
    expect(await slow.isVisible()).toBe(false);
    service.state.slowness = 8;
    await runWatched(service, page, 20_000);
    await expect.poll(state).toBe('firing');
    expect(await slow.innerText()).toMatch(/firing.*slow.*critical.*p95 above 3000/s);
    expect(await page.locator('#alerts-summary').getAttribute('aria-live')).toBe('polite');
    expect(await page.locator('#alerts-summary').textContent()).toMatch(/^1 firing(, 1 pending)?: slow$/);
    expect(await page.title()).toMatch(/^▲ 1 firing(, 1 pending)? · ask · hotpath$/);
    service.state.slowness = 1;
    await runWatched(service, page, 60_000);
    await expect.poll(state).toBe('inactive');
  });

  it('says calmly that the process has gone, and goes on when it is back', async () => {
    const service = serviceOf(1);
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
    // The browser itself reports what could not be loaded.
    const { page } = await look(`http://127.0.0.1:${port}/`, {}, /net::ERR_/);
    await stop();
    const notice = page.locator('#notice');
    await notice.waitFor({ timeout: 10_000 });
    expect(await notice.innerText()).toMatch(/^The process does not answer\. What you see is from \d\d:\d\d:\d\d\./);
    expect(await page.locator('#connection').innerText()).toBe('Not connected');
    // What was there stays to be read.
    expect(await page.locator('#slowest tbody').count()).toBe(10);
    onClose(await listen());
    await page.locator('#connection[data-state=live]').waitFor({ timeout: 15_000 });
    await notice.waitFor({ state: 'hidden' });
  });

  it('says that access has ended when its session has', async () => {
    const service = serviceOf(0);
    const first = await service.monitor.serveDashboard();
    const { page } = await look(first.url, {}, /net::ERR_|status of 401/);
    await first.close();
    const again = await service.monitor.serveDashboard({ port: first.port, token: 'another-token-than-before' });
    onClose(() => again.close());
    await page.locator('#connection[data-state=refused]').waitFor({ timeout: 15_000 });
    expect(await page.locator('#notice').isVisible()).toBe(true);
    expect(await page.locator('#notice').innerText()).toMatch(/^This page may no longer read the figures\./);
  });

  it('shows an hour when asked to', async () => {
    const { service, url } = await served(9);
    const { page, legend } = await look(url);
    const count = page.locator('#latency tbody tr:first-child td:nth-child(2)');
    const counted = async (): Promise<number> => Number((await count.innerText()).replace(',', ''));
    const before = await counted();
    await page.getByRole('button', { name: '1 h' }).click();
    await expect.poll(() => page.locator('#latency .legend-moment').innerText()).toBe('last 1 h');
    expect(await counted()).toBeGreaterThan(before * 1.3);
    expect(await page.getByRole('button', { name: '1 h' }).getAttribute('aria-pressed')).toBe('true');
    service.run(1_000);
    expect((await legend('throughput'))['ended per minute']).toMatch(/^\d/);
  });

  it('takes a profile at the press of a button, and offers it for download', async () => {
    const { service, url } = await served(1);
    const { page } = await look(url);
    const status = page.locator('#profiles [role=status]');
    expect(await page.locator('#profiles').innerText()).toMatch(/No profile has been taken\./);
    await page.getByRole('button', { name: 'CPU profile, 10 s' }).click();
    await expect.poll(() => status.innerText()).toMatch(/^CPU profile under way/);
    const passing = (): Promise<string> => {
      service.run(1_000);
      return status.innerText();
    };
    await expect.poll(passing, { timeout: 15_000 }).toBe('Done: it is the first of the list.');
    service.run(1_000);
    const link = page.getByRole('link', { name: /^Download .*\.cpuprofile$/ });
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toMatch(/\.cpuprofile$/);
    expect(await page.locator('#profiles tbody tr').count()).toBeGreaterThan(0);
  });
});

/** Lets time pass no faster than the page takes in what it is sent: a page that falls far behind is let go. */
async function runWatched(service: SimulatedService, page: Page, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20_000) {
    service.run(Math.min(left, 20_000));
    await page.evaluate(() => undefined);
  }
}

/** The latency chart as text that differs when it does. */
function picture(page: Page): Promise<string> {
  return page.locator('#latency canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
}
