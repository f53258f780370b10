import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { HotpathError } from '../../core/errors.js';
import { type Closeable, closeOnce } from '../../core/lifecycle.js';
import { type Logger, WarnOnce } from '../../core/logger.js';
import { PROMETHEUS_CONTENT_TYPE } from '../exports/prometheus-text.js';
import type { MonitorReader } from '../monitor-reader.js';
import { type Answer, jsonAnswer, send, textAnswer } from './answer.js';
import { type Authorize, type Gate, gateOf } from './authorization.js';
import { viewOf } from './dashboard-view.js';
import { EventStream } from './event-stream.js';
import { foreignAnswer, isForeignRequest } from './foreign-request.js';
import { foundSeries } from './found-series.js';
import { pageHtml } from './page.js';
import { downloadProfile, type ReadProfile, type StartProfile, startProfile } from './profile-routes.js';
import { type RequestTarget, requestTarget, slashRedirect } from './request-target.js';

/** What a dashboard shows, and whom. */
export interface DashboardParts {
  readonly reader: MonitorReader;
  readonly clock: Clock;
  /** Takes a profile. Without it the page starts none. */
  readonly profile?: StartProfile;
  /** The bytes of a finished profile. Without it the page offers no downloads. */
  readonly readProfile?: ReadProfile;
  /** Whether a request may see the dashboard. Without it only loopback peers are answered. */
  readonly authorize?: Authorize;
  /** The report, plain JSON. */
  readonly report: () => unknown;
  /** The figures as Prometheus text. */
  readonly prometheus: () => string;
  readonly logger?: Logger;
}

/** Answers a request, or begins to. */
export type DashboardHandler = (req: IncomingMessage, res: ServerResponse) => void;

/** A dashboard to be mounted. */
export interface Dashboard extends Closeable {
  /**
   * Answers requests to the page and what it loads, relative to where it is mounted: `req.url` as the mount leaves it. Any
   * framework that hands on Node's own request and response will do; `app.use('/monitor', dashboard.handler)` in Express.
   */
  readonly handler: DashboardHandler;
  /**
   * A handler of the same dashboard for other eyes: `undefined` for loopback peers.
   *
   * @throws InvalidOptionError when `authorize` is no function
   */
  guardedBy(authorize: Authorize | undefined): DashboardHandler;
}

/**
 * The dashboard as a plain request handler: `GET /` the page, `/events`, `/metrics`, `/report.json`, `/series.json?q=`,
 * `/profiles/<file>`, and `POST /profile`. It opens no port and no timer before somebody listens.
 *
 * Who may not see it gets 403. After `close()`, which ends the streams, it answers 503.
 *
 * @throws InvalidOptionError when `authorize` is no function
 */
export function createDashboard(parts: DashboardParts): Dashboard {
  const { reader, clock, profile, readProfile } = parts;
  const warnings = new WarnOnce(parts.logger, clock);
  const onTrouble = (error: unknown, during: string): void =>
    warnings.warn(`dashboard: ${during}`, { error }, `hotpath dashboard: trouble in ${during}`);
  const can = { profile: profile !== undefined, download: readProfile !== undefined };
  const stream = new EventStream({ reader, clock, can, onTrouble });
  let isClosed = false;
  const close = closeOnce(() => {
    isClosed = true;
    stream.close();
  });

  async function answer(req: IncomingMessage, res: ServerResponse, gate: Gate): Promise<Answer | undefined> {
    const target = requestTarget(req);
    if (target === undefined) return textAnswer(400, 'the request names no path');
    if (isForeignRequest(req)) return foreignAnswer();
    const refusal = await gate(req);
    if (refusal !== undefined) return textAnswer(403, refusal);
    if (isClosed) return textAnswer(503, 'the dashboard is closed');
    const methods = target.path === '/profile' ? ['POST'] : ['GET', 'HEAD'];
    const route = routeOf(target);
    if (route === undefined) return textAnswer(404, 'not found');
    if (!methods.includes(req.method ?? '')) {
      return textAnswer(405, `${methods.join(' or ')} only`, { Allow: methods.join(', ') });
    }
    return route(req, res, target);
  }

  function routeOf({ path }: RequestTarget): Route | undefined {
    if (path.startsWith('/profiles/'))
      return () => downloadProfile(path.slice('/profiles/'.length), reader, readProfile);
    return routes.get(path);
  }

  const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
    ['/', (req) => page(slashRedirect(req))],
    ['/events', (req, res, { query }) => stream.open(req, res, viewOf(query, reader))],
    ['/metrics', () => ({ status: 200, type: PROMETHEUS_CONTENT_TYPE, body: parts.prometheus() })],
    ['/report.json', () => jsonAnswer(200, parts.report())],
    ['/series.json', (_req, _res, { query }) => jsonAnswer(200, foundSeries(reader.names(), query.get('q') ?? ''))],
    ['/profile', (req) => startProfile(req, profile)],
  ]);

  const handle = (req: IncomingMessage, res: ServerResponse, gate: Gate): void => {
    answer(req, res, gate)
      .catch((error: unknown) => {
        // The client's own mistake in the query.
        if (HotpathError.is(error) && error.code === 'INVALID_OPTION') return textAnswer(400, error.message);
        onTrouble(error, 'a request');
        return textAnswer(500, 'the dashboard failed; the log of the host says why');
      })
      .then((result) => result && send(req, res, result))
      .catch((error: unknown) => {
        onTrouble(error, 'an answer');
        res.destroy();
      });
  };
  const guardedBy = (authorize: Authorize | undefined): DashboardHandler => {
    const gate = gateOf(authorize, clock, (error) => onTrouble(error, 'authorize'));
    return (req, res) => handle(req, res, gate);
  };
  return { handler: guardedBy(parts.authorize), guardedBy, close, [Symbol.asyncDispose]: close };
}

/** Answers, or has taken the response over. */
type Route = (req: IncomingMessage, res: ServerResponse, target: RequestTarget) => Answer | undefined | Promise<Answer>;

function page(redirect: string | undefined): Answer {
  if (redirect !== undefined) return textAnswer(302, 'the page is in the folder', { Location: redirect });
  const { html, scriptHash, styleHash } = pageHtml();
  return { status: 200, type: 'text/html; charset=utf-8', body: html, inline: { scriptHash, styleHash } };
}
