import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A browser that looks at a dashboard, and whatever it did not like. */
export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, and requests to anybody but the dashboard's own host. */
  readonly problems: readonly string[];
  /** Where requests went. */
  readonly hosts: ReadonlySet<string>;
  /** The figures of a chart's legend by name, as text. */
  legend(section: string): Promise<Record<string, string>>;
  close(): Promise<void>;
}

const DESKTOP = { width: 1280, height: 900 };

/** Opens a dashboard in a browser context of its own and waits until it is live. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: DESKTOP,
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const hosts = new Set<string>();
  const { host } = new URL(url);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack ?? error.message}`));
  context.on('request', (request) => {
    const target = new URL(request.url());
    // `data:` goes nowhere.
    if (target.protocol === 'data:') return;
    hosts.add(target.host);
    if (target.host !== host) problems.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  await page.locator('#connection[data-state=live]').waitFor({ timeout: 10_000 });
  // What was received is drawn in the next frame.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return {
    page,
    problems,
    hosts,
    legend: (section) =>
      page
        .locator(`#${section} .legend dl > div`)
        .evaluateAll((entries) =>
          Object.fromEntries(
            entries.map((entry) => [
              entry.querySelector('dt')?.textContent?.trim() ?? '',
              entry.querySelector('dd')?.textContent ?? '',
            ]),
          ),
        ),
    close: () => context.close(),
  };
}

/** What elements say, those that are hidden aside. */
export function texts(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allInnerTexts();
}
