// Many calls through a service that is slow, limited and fails now and then: limits that are kept, retries, a stream, batches, a job that
// is interrupted and goes on. The model is simulated, over real HTTP.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AsyncProcessor, type CallContext, fileCheckpointStore } from 'hotpath/async';

/** Takes 20 requests in any 150 ms, refuses what is more, fails every fifteenth, and cannot read a text with 'poison' in it. */
const seen = { requests: 0, refused: 0, failed: 0, started: [] as number[] };
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const answer = (status: number, content: object, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content));
  };
  const now = performance.now();
  seen.started = seen.started.filter((at) => now - at < 150);
  if (seen.started.length >= 20) {
    seen.refused++;
    return answer(429, { error: 'too many requests' }, { 'retry-after-ms': '100' });
  }
  seen.started.push(now);
  if (++seen.requests % 15 === 0) {
    seen.failed++;
    return answer(503, { error: 'overloaded' });
  }
  await sleep(20);
  const texts = JSON.parse(body) as string[];
  if (texts.some((text) => text.includes('poison'))) return answer(400, { error: 'cannot be read' });
  return answer(200, { vectors: texts.map((text) => text.length), tokens: texts.length });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function embedMany(texts: string[], { signal, headers, settle }: CallContext): Promise<number[]> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(texts), signal });
  headers(response.headers);
  if (!response.ok) throw Object.assign(new Error(await response.text()), { status: response.status });
  const { vectors, tokens } = (await response.json()) as { vectors: number[]; tokens: number };
  settle(tokens);
  return vectors;
}

const model = new AsyncProcessor({
  name: 'model',
  concurrency: { adaptive: true, max: 16 },
  // A request may take a while to get there: the limit is kept at the start, with a little to spare; a refusal is waited out.
  rateLimit: { requestsPerMinute: 18, window: '170ms' },
  retry: { attempts: 5, backoff: '20ms' },
  timeout: '2s',
});
const retries: string[] = [];
model.on('retry', ({ reason }) => retries.push(reason));

// 1. A stream: read in order, no more under way than is read, within the limit of the service.
const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
const lengths: number[] = [];
for await (const outcome of model.stream(texts, async (text, context) => (await embedMany([text], context))[0], {
  ordered: true,
})) {
  assert.equal(outcome.status, 'fulfilled');
  if (outcome.status === 'fulfilled') lengths.push(outcome.value ?? 0);
}
assert.deepEqual(
  lengths,
  texts.map((text) => text.length),
);
console.log(
  `60 texts, ${seen.failed} failures of the service, tried again for: ${[...new Set(retries)]}; refused: ${seen.refused}`,
);
assert.ok(retries.includes('overloaded'), 'what the service failed at was tried again');

// 2. Single calls from anywhere, gathered into batches; equal ones are loaded once.
const before = seen.requests;
const embed = model.batcher(embedMany, { maxSize: 32, maxWait: '5ms' });
const vectors = await Promise.all([...texts, ...texts].map((text) => embed(text)));
assert.equal(vectors.length, 80);
assert.ok(seen.requests - before <= 4, 'two batches, and what was tried again of them');
console.log(`80 calls of one text in ${seen.requests - before} requests`);

// 3. One item spoils a batch: it is found by halving, the others succeed.
const spoilt = texts.slice(0, 16).with(11, 'poison');
const outcomes = await model.processBatches(spoilt, 16, embedMany, { onError: 'settle' });
assert.deepEqual(
  outcomes.filter(({ status }) => status === 'rejected').map(({ item }) => item),
  ['poison'],
);
console.log('1 of 16 texts cannot be read, 15 have their vectors');

// 4. A job that ends halfway goes on where it was.
const folder = await mkdtemp(join(tmpdir(), 'limited-calls-'));
const store = fileCheckpointStore(join(folder, 'job'));
const written: string[] = [];
const job = (signal?: AbortSignal) =>
  model.process(texts, async (text, context) => (await embedMany([text], context))[0], {
    checkpoint: { store, id: (text) => text },
    sink: ({ item }) => written.push(item),
    ...(signal && { signal }),
  });
const interruption = new AbortController();
model.on('settled', () => {
  if (written.length === 16) interruption.abort(new Error('the process is told to stop'));
});
await assert.rejects(job(interruption.signal), /told to stop/);
const summary = await job();
assert.equal(new Set(written).size, 40, 'none is lost');
assert.ok(summary.resumed >= 10, 'what was done is not done again');
console.log(`the job went on after ${summary.resumed} of 40; ${written.length - 40} done twice`);

const { completed, failed, retried, rateLimitedMs } = model.stats();
console.log({ completed, failed, retried, rateLimitedMs: Math.round(rateLimitedMs) });
await model.close();
server.closeAllConnections();
server.close();
await rm(folder, { recursive: true });
