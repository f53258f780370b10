import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidOptionError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { closedError } from './closed-error.js';
import type { DashboardParts } from './dashboard/dashboard.js';
import type { ServeDashboardOptions, ServedDashboard } from './dashboard/serve.js';
import type { PerformanceMonitor } from './performance-monitor.js';

export type { ServeDashboardOptions, ServedDashboard } from './dashboard/serve.js';

/** Options of a dashboard on the host's own server. */
export interface DashboardOptions {
  /** Whether a request may see it. Without one, only peers of the loopback interface are answered. */
  readonly authorize?: (request: IncomingMessage) => boolean | Promise<boolean>;
}

/** What a dashboard needs of its monitor. */
export interface DashboardSourceParts extends Pick<DashboardParts, 'clock'> {
  readonly monitor: Pick<PerformanceMonitor, 'reader' | 'getPerformanceReport' | 'prometheus' | 'profile'>;
  readonly logger: Logger | undefined;
  onTrouble(error: unknown, during: string): void;
}

type DashboardModules = typeof import('./dashboard/dashboard.js') & typeof import('./dashboard/serve.js');

/** The dashboards of a monitor. Page and server are loaded when the first request comes, or when one is served. */
export class DashboardSource {
  readonly #parts: DashboardSourceParts;
  readonly #open = new Set<{ close(): Promise<void> }>();
  #loading: Promise<DashboardModules> | undefined;
  #isClosed = false;

  constructor(parts: DashboardSourceParts) {
    this.#parts = parts;
  }

  /** @throws InvalidOptionError */
  handler(options: DashboardOptions): (request: IncomingMessage, response: ServerResponse) => void {
    checkOptions('options', options);
    // Misspelt, an authorize would let in whoever has a loopback address.
    checkNames('', options, ['authorize']);
    const { authorize } = options;
    if (authorize !== undefined && typeof authorize !== 'function') {
      throw new InvalidOptionError('authorize', 'a function', authorize);
    }
    let made: Promise<{ handler(request: IncomingMessage, response: ServerResponse): void }> | undefined;
    return (request, response) => {
      made ??= this.#load().then(({ createDashboard }) => {
        const dashboard = createDashboard({ ...this.#dashboardParts(), ...(authorize && { authorize }) });
        this.#open.add(dashboard);
        return dashboard;
      });
      made.then(
        ({ handler }) => {
          if (this.#isClosed) refuse(response);
          else handler(request, response);
        },
        (error: unknown) => {
          this.#parts.onTrouble(error, 'loading the dashboard');
          refuse(response);
        },
      );
    };
  }

  /** @throws InvalidOptionError for bad options; HotpathError `DASHBOARD_NOT_SERVED`, and `CLOSED` when it is, or is meanwhile */
  async serve(options: ServeDashboardOptions): Promise<ServedDashboard> {
    this.#checkOpen();
    const { serveDashboard } = await this.#load();
    this.#checkOpen();
    const served = await serveDashboard(this.#dashboardParts(), options);
    if (this.#isClosed) await served.close();
    this.#checkOpen();
    this.#open.add(served);
    return served;
  }

  async ready(): Promise<void> {
    await this.#load();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open].map((dashboard) => dashboard.close()));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError('no dashboard is served');
  }

  #dashboardParts(): Omit<DashboardParts, 'authorize'> {
    const { monitor, clock, logger } = this.#parts;
    const { reader } = monitor;
    return {
      reader,
      clock,
      ...(logger && { logger }),
      report: () => monitor.getPerformanceReport(),
      prometheus: () => monitor.prometheus(),
      profile: (duration, kind) => monitor.profile(duration, { kind }),
      readProfile: async (file) => {
        const entry = reader.profiles().find((profile) => profile.file === file);
        return entry && readFile(entry.path).catch(() => undefined);
      },
    };
  }

  #load(): Promise<DashboardModules> {
    this.#loading ??= Promise.all([import('./dashboard/dashboard.js'), import('./dashboard/serve.js')]).then(
      ([dashboard, serve]) => ({ ...dashboard, ...serve }),
    );
    return this.#loading;
  }
}

function refuse(response: ServerResponse): void {
  response.writeHead(503, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
  response.end('The dashboard is closed.\n');
}
