import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidOptionError } from '../core/errors.js';
import { closeOnce } from '../core/lifecycle.js';
import type { Logger } from '../core/logger.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { closedError } from './closed-error.js';
import { send, textAnswer } from './dashboard/answer.js';
import type { Dashboard, DashboardHandler, DashboardParts } from './dashboard/dashboard.js';
import type { ServeDashboardOptions, ServedDashboard } from './dashboard/serve.js';
import type { PerformanceMonitor } from './performance-monitor.js';
import { openProfile } from './profiling/profile-content.js';

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
  #mounted: Promise<Dashboard> | undefined;
  #isClosed = false;

  constructor(parts: DashboardSourceParts) {
    this.#parts = parts;
  }

  /** @throws InvalidOptionError */
  handler(options: DashboardOptions): DashboardHandler {
    checkOptions('options', options);
    // Misspelt, an authorize would let in whoever has a loopback address.
    checkNames('', options, ['authorize']);
    const { authorize } = options;
    if (authorize !== undefined && typeof authorize !== 'function') {
      throw new InvalidOptionError('authorize', 'a function', authorize);
    }
    let guarded: DashboardHandler | undefined;
    const answer: DashboardHandler = (request, response) => {
      if (this.#isClosed) refuse(request, response, 'the dashboard is closed');
      else guarded?.(request, response);
    };
    return (request, response) => {
      if (guarded !== undefined || this.#isClosed) return answer(request, response);
      this.#mount()
        .then(
          (dashboard) => {
            guarded ??= dashboard.guardedBy(authorize);
            answer(request, response);
          },
          (error: unknown) => {
            this.#parts.onTrouble(error, 'loading the dashboard');
            refuse(request, response, 'the dashboard could not be loaded; the log of the host says why');
          },
        )
        .catch((error: unknown) => {
          this.#parts.onTrouble(error, 'an answer of the dashboard');
          response.destroy();
        });
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
    const close = closeOnce(async () => {
      await served.close();
      this.#open.delete(served);
    });
    return { ...served, close, [Symbol.asyncDispose]: close };
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
        return entry && openProfile(entry);
      },
    };
  }

  /** The one that all handlers share: made once, however often the host asks for a handler. */
  #mount(): Promise<Dashboard> {
    this.#mounted ??= this.#load().then(({ createDashboard }) => {
      const dashboard = createDashboard(this.#dashboardParts());
      this.#open.add(dashboard);
      return dashboard;
    });
    this.#mounted.catch(() => {
      this.#mounted = undefined;
    });
    return this.#mounted;
  }

  /** What failed is tried again with the next request. */
  #load(): Promise<DashboardModules> {
    this.#loading ??= Promise.all([import('./dashboard/dashboard.js'), import('./dashboard/serve.js')]).then(
      ([dashboard, serve]) => ({ ...dashboard, ...serve }),
    );
    this.#loading.catch(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, why: string): void {
  send(request, response, textAnswer(503, why));
}
