// 1,000 calls over TLS: what does it save to keep connections, and what do the figures about them cost?
import { median } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { startTlsServer } from '../test/services/tls-server.js';
import { type CallerRound, ConnectionReuseCallers } from './connection-reuse-callers.js';
import { publish } from './publish.js';

const CALLS = 1_000;
const AT_ONCE = 16;
const ANSWER = JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'x'.repeat(2_000) } }] });

const KEPT = 'createModelFetch';
const NOT_KEPT = 'createModelFetch, keepAlive 0';
const BARE = 'undici fetch, its own agent';
const GLOBAL = "Node's global fetch";

await publish(async ({ quick }): Promise<Report> => {
  const rounds = quick ? 2 : 9;
  // The server has this process for itself, the callers have one of their own.
  const server = await startTlsServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(ANSWER);
  });
  const callers = new ConnectionReuseCallers(`${server.url}/`);
  const results = new Map<string, (CallerRound & { connections: number })[]>();
  const names = [KEPT, NOT_KEPT, BARE, GLOBAL];
  try {
    for (let round = -1; round < rounds; round++) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round + 1) % names.length]!;
        // Everybody begins without a connection.
        server.closeIdle();
        const before = server.connections();
        const seen = await callers.run({ name, calls: CALLS, atOnce: AT_ONCE, bytes: ANSWER.length });
        if (round < 0) continue;
        results.set(name, [...(results.get(name) ?? []), { ...seen, connections: server.connections() - before }]);
      }
    }
  } finally {
    callers.end();
    await server.close();
  }
  const of = (name: string, figure: (round: CallerRound & { connections: number }) => number): number =>
    median(results.get(name)!.map(figure));
  const ratio = (name: string, to: string): number =>
    median(results.get(name)!.map(({ ms }, i) => ms / results.get(to)![i]!.ms));
  const kept = results.get(KEPT)!.at(-1)!;
  return {
    title: 'TLS calls with and without kept connections',
    about:
      `${CALLS.toLocaleString('en-US')} calls, ${AT_ONCE} at once, to a server of another process on the loopback interface, ${ANSWER.length.toLocaleString('en-US')} bytes an answer; everybody begins without a ` +
      `connection. ${rounds} interleaved rounds; medians, ratios within a round. On a real network each handshake costs two round trips on top.`,
    rows: names.map((name) => ({
      contestant: name,
      [`ms for ${CALLS}`]: of(name, ({ ms }) => ms),
      'CPU ms of the caller': of(name, ({ cpuMs }) => cpuMs),
      'p95 of a call, ms': of(name, ({ p95Ms }) => p95Ms),
      connections: of(name, ({ connections }) => connections),
      [`times ${KEPT}`]: ratio(name, KEPT),
    })),
    figures: { withoutReuse: ratio(NOT_KEPT, KEPT), toBare: ratio(KEPT, BARE), toGlobal: ratio(GLOBAL, KEPT) },
    notes: [
      `Its own figures of the last round: ${kept.stats?.requests} requests, ${kept.stats?.reused} of them on a connection that had carried one before; ` +
        `TCP ${kept.stats?.connectMs.mean?.toFixed(2)} ms and TLS ${kept.stats?.tlsMs.mean?.toFixed(2)} ms a connection on average.`,
    ],
  };
});
