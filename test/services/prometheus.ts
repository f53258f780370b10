import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { findPrometheusProgram } from './prometheus-package.js';
import { type PrometheusProcess, startPrometheusProcess } from './prometheus-process.js';
import type { Found } from './service.js';

/** A `/metrics` on the loopback interface. */
export interface ScrapeJob {
  /** Label `job` of what is scraped. */
  readonly name: string;
  readonly port: number;
  /** Sent as `Authorization: Bearer`. */
  readonly token: string;
}

/** A value of an instant query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What became of the last scrape of a job. */
export interface ScrapeTarget {
  readonly job: string;
  readonly health: 'up' | 'down' | 'unknown';
  /** Empty when there was none. */
  readonly lastError: string;
}

/** A real Prometheus, to be told what to scrape. */
export interface Prometheus {
  /**
   * Starts a server with a folder of its own that scrapes these once a second, the first time after 5 s: it begins no sooner. It
   * ends with this process at the latest.
   */
  scrape(jobs: readonly ScrapeJob[]): Promise<PrometheusServer>;
}

const STARTS = 5;

/** Looks for Prometheus: `PROMETHEUS`, else on the PATH, else, on Debian, in the distribution's package. */
export async function findPrometheus(): Promise<Found<Prometheus>> {
  const found = await findPrometheusProgram('prometheus');
  if ('missing' in found) return found;
  const prometheus: Prometheus = { scrape: (jobs) => PrometheusServer.start(found.path, jobs) };
  return { from: found.from, start: async () => prometheus };
}

/** A Prometheus that scrapes, asked through its HTTP API. */
export class PrometheusServer {
  readonly #process: PrometheusProcess;
  readonly #folder: string;

  private constructor(process: PrometheusProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  static async start(path: string, jobs: readonly ScrapeJob[]): Promise<PrometheusServer> {
    const folder = await mkdtemp(join(tmpdir(), 'hotpath-prometheus-'));
    const config = join(folder, 'prometheus.yml');
    await writeFile(config, configOf(jobs), { mode: 0o600 });
    let trouble: unknown;
    for (let attempt = 0; attempt < STARTS; attempt++) {
      try {
        const process = await startPrometheusProcess(path, { config, folder, port: await freePort() });
        return new PrometheusServer(process, folder);
      } catch (error) {
        trouble = error;
      }
    }
    await rm(folder, { recursive: true, force: true });
    throw trouble;
  }

  /** What an expression is now. Rejects with the server's words when it has anything against it. */
  async query(expression: string): Promise<readonly Sample[]> {
    const { result } = await this.#api<QueryAnswer>(`query?${new URLSearchParams({ query: expression })}`);
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** Asks until the first value of an expression is as wanted, for 15 s. Rejects with the last answer. */
  async waitFor(expression: string, wanted: (value: number) => boolean): Promise<number> {
    for (const end = Date.now() + 15_000; ; await sleep(100)) {
      const [sample] = await this.query(expression);
      if (sample !== undefined && wanted(sample.value)) return sample.value;
      if (Date.now() > end) {
        const targets = JSON.stringify(await this.targets());
        throw new Error(`${expression} is ${sample?.value ?? 'absent'} still; scraped: ${targets}`);
      }
    }
  }

  async targets(): Promise<readonly ScrapeTarget[]> {
    const { activeTargets } = await this.#api<TargetsAnswer>('targets?state=active');
    return activeTargets.map(({ labels, health, lastError }) => ({ job: labels['job'] ?? '', health, lastError }));
  }

  /** Its log so far: warnings and errors only. */
  warnings(): string {
    return this.#process.log();
  }

  async close(): Promise<void> {
    await this.#process.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #api<Data>(path: string): Promise<Data> {
    const response = await fetch(`${this.#process.url}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; error?: string; warnings?: unknown; data: Data };
    if (answer.status === 'success' && answer.warnings === undefined) return answer.data;
    throw new Error(`${path}: ${answer.error ?? JSON.stringify(answer.warnings)}`);
  }
}

/** JSON is YAML. */
function configOf(jobs: readonly ScrapeJob[]): string {
  return JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: jobs.map(({ name, port, token }) => ({
      job_name: name,
      authorization: { credentials: token },
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  });
}

interface QueryAnswer {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [atSeconds: number, value: string];
  }[];
}

interface TargetsAnswer {
  readonly activeTargets: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly health: ScrapeTarget['health'];
    readonly lastError: string;
  }[];
}
