import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { findChromium } from '../../services/chromium.js';
import { describeWith } from '../../services/service.js';
import { SimulatedService } from '../simulated-service.js';
import { type Visit, visit } from './visit.js';

export const MINUTE = 60_000;

/** What a test of the dashboard in a browser has at hand. All of it is closed after the test. */
export interface BrowserWorld {
  /** A service with so many minutes behind it. */
  service(minutes: number): SimulatedService;
  /** A service like it, and where its dashboard is served. */
  served(minutes: number): Promise<{ service: SimulatedService; url: string }>;
  serve(service: SimulatedService): Promise<string>;
  /** Opens a dashboard. After the test, nothing of what the browser did not like may be left but what `expected` matches. */
  look(url: string, options?: BrowserContextOptions, expected?: RegExp): Promise<Visit>;
  /** Runs before what was made so far is closed. */
  onClose(close: () => Promise<void>): void;
}

/** A suite of its own Chromium. */
export async function describeInBrowser(name: string, body: (world: BrowserWorld) => void): Promise<void> {
  describeWith(name, await findChromium(), (start) => {
    let browser: Browser | undefined;
    let closing: (() => Promise<void>)[] = [];
    let visits: { readonly made: Visit; readonly expected: RegExp | undefined }[] = [];

    beforeAll(async () => {
      browser = await start();
    });
    afterAll(() => browser?.close());
    afterEach(async () => {
      const problems = visits.flatMap(({ made, expected }) => made.problems.filter((each) => !expected?.test(each)));
      const toClose = closing.reverse();
      visits = [];
      closing = [];
      for (const close of toClose) await close();
      // Nothing on the console, no exception, no request to another host.
      expect(problems).toEqual([]);
    });

    const world: BrowserWorld = {
      service: (minutes) => {
        const service = new SimulatedService(4);
        closing.push(() => service.monitor.close());
        service.run(minutes * MINUTE);
        return service;
      },
      served: async (minutes) => {
        const service = world.service(minutes);
        return { service, url: await world.serve(service) };
      },
      serve: async (service) => {
        const served = await service.monitor.serveDashboard();
        closing.push(() => served.close());
        return served.url;
      },
      look: async (url, options, expected) => {
        const made = await visit(browser!, url, options);
        visits.push({ made, expected });
        closing.push(() => made.close());
        return made;
      },
      onClose: (close) => void closing.push(close),
    };
    body(world);
  });
}
