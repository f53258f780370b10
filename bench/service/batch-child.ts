// Child of the targets: a batch of calls to a slow service over HTTP, in a loop and by an AsyncProcessor. Prints one JSON object.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadAsync } from '../async-subject.js';

/** As in the strategy document's own test. */
const SERVICE_MS = 100;
const calls = Number(process.argv[2] ?? '100');
const { AsyncProcessor } = await loadAsync();

const server = createServer((request, response) => {
  setTimeout(() => response.end(`result of ${request.url}`), SERVICE_MS);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const ask = async (query: number, signal?: AbortSignal): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${port}/${query}`, signal ? { signal } : {});
  return response.text();
};

const queries = Array.from({ length: calls }, (_, n) => n);
// Neither the first connection nor the code of fetch counts.
await ask(0);

const loopFrom = performance.now();
const expected: string[] = [];
for (const query of queries) expected.push(await ask(query));
const loopMs = performance.now() - loopFrom;

const processor = new AsyncProcessor({ retry: 3, timeout: '10s' });
const processFrom = performance.now();
const answers = await processor.process(queries, (query, { signal }) => ask(query, signal));
const processMs = performance.now() - processFrom;
if (JSON.stringify(answers) !== JSON.stringify(expected)) throw new Error('The answers are not those of the loop.');

const { limit: slots } = processor.stats();
await processor.close();
process.stdout.write(JSON.stringify({ calls, serviceMs: SERVICE_MS, slots, loopMs, processMs }), () => process.exit(0));
