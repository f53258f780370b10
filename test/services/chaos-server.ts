import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SeededRandom } from '../random.js';

/** What a request may run into, beside a good answer. */
export type Fault = 'limited' | 'limited-seconds' | 'busy' | 'broken' | 'reset' | 'truncated' | 'slow' | 'silent';

/** Of any 10,000 requests, so many. */
export type FaultShares = Readonly<Record<Fault, number>>;

/** What the server saw. */
export interface ChaosBook {
  readonly requests: number;
  /** By the item that was asked about. */
  readonly perItem: ReadonlyMap<string, number>;
  readonly faults: Readonly<Record<Fault, number>>;
  /** Of each pause it asked for with `Retry-After`: the requests that came in before it was over. */
  readonly duringPauses: readonly number[];
  readonly mostAtOnce: number;
}

/** A model service with bad days, on the loopback interface. */
export interface ChaosServer {
  readonly url: string;
  book(): ChaosBook;
  close(): Promise<void>;
}

/** Items that are refused whenever they are asked about. */
export const isPoison = (item: string): boolean => item.endsWith('00');
export const answerTo = (item: string): string => `The answer to ${item}. `.repeat(20);

const SHORT_PAUSE_MS = 10;
const SECONDS = 1;

function freshDeck(shares: FaultShares): (Fault | undefined)[] {
  const deck = new Array<Fault | undefined>(10_000).fill(undefined);
  let next = 0;
  for (const [fault, share] of Object.entries(shares)) for (let i = 0; i < share; i++) deck[next++] = fault as Fault;
  return deck;
}

/**
 * Answers `GET /<item>`. Which request runs into what is drawn from the seed, in the order of arrival; a request that
 * `silent` hits is never answered.
 */
export async function startChaosServer(seed: number, shares: FaultShares): Promise<ChaosServer> {
  const random = new SeededRandom(seed);
  const perItem = new Map<string, number>();
  const faults = { limited: 0, 'limited-seconds': 0, busy: 0, broken: 0, reset: 0, truncated: 0, slow: 0, silent: 0 };
  const pauses: { until: number; seen: number }[] = [];
  let requests = 0;
  let atOnce = 0;
  let mostAtOnce = 0;

  const deck: (Fault | undefined)[] = [];
  const draw = (): Fault | undefined => {
    if (deck.length === 0) deck.push(...freshDeck(shares));
    const card = random.below(deck.length);
    const drawn = deck[card];
    deck[card] = deck.at(-1);
    deck.pop();
    return drawn;
  };
  const pause = (response: ServerResponse, name: string, value: number, ms: number): void => {
    response.writeHead(429, { [name]: String(value) }).end('{"error":{"code":"rate_limit_exceeded"}}', () => {
      pauses.push({ until: performance.now() + ms, seen: 0 });
    });
  };
  const run: Readonly<Record<Fault, (response: ServerResponse, body: string) => void>> = {
    limited: (response) => pause(response, 'retry-after-ms', SHORT_PAUSE_MS, SHORT_PAUSE_MS),
    'limited-seconds': (response) => pause(response, 'retry-after', SECONDS, SECONDS * 1_000),
    busy: (response) => response.writeHead(503).end('busy'),
    broken: (response) => response.writeHead(500).end('broken'),
    reset: (response) => response.socket?.resetAndDestroy(),
    truncated: (response, body) => {
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
    },
    slow: (response, body) => {
      response.write(body.slice(0, 10));
      setTimeout(() => {
        response.write(body.slice(10, 20));
        setTimeout(() => response.end(body.slice(20)), 5);
      }, 5);
    },
    silent: () => {},
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (request: IncomingMessage, response: ServerResponse) => {
    const item = request.url!.slice(1);
    const now = performance.now();
    requests++;
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    response.on('close', () => {
      atOnce--;
    });
    perItem.set(item, (perItem.get(item) ?? 0) + 1);
    for (const open of pauses) if (now < open.until) open.seen++;
    if (isPoison(item)) {
      response.writeHead(400).end('{"error":{"code":"content_filter"}}');
      return;
    }
    const fault = draw();
    if (fault === undefined) {
      response.end(answerTo(item));
      return;
    }
    faults[fault]++;
    run[fault](response, answerTo(item));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    book: () => ({ requests, perItem, faults, duringPauses: pauses.map(({ seen }) => seen), mostAtOnce }),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
