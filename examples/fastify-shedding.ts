// Too little memory for more work: say so at once with 503 and Retry-After, and finish what has begun.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify from 'fastify';
import { CacheManager, MemoryManager, systemMemoryReader } from 'hotpath';

// A service reads its real memory: `new MemoryManager()`. Here how full the heap is, is made up, so that pressure can be shown.
const system = systemMemoryReader();
let heapShare = 0.3;
const heap = () => ({ ...system.heap(), usedBytes: heapShare * system.heap().limitBytes });
const memory = new MemoryManager({ reader: { ...system, heap }, interval: '100ms', dwell: '200ms' });

const cache = new CacheManager<string>({ ttl: '5m' });
memory.register('answers', cache);
const levels: string[] = [];
memory.on('level', ({ level, signal, fraction }) =>
  levels.push(`${level} (${signal} ${Math.round(fraction * 100)} %)`),
);
memory.start();

const app = fastify();
app.addHook('onRequest', async (request, reply) => {
  // A health check that is refused gets a process restarted that only has to breathe.
  if (request.url === '/health' || memory.admit()) return;
  return reply.code(503).header('Retry-After', memory.retryAfterSeconds).send({ error: 'out of memory for now' });
});
app.addHook('onClose', () => memory.close());
app.get('/health', async () => ({ level: memory.level }));
app.get('/ask', () => cache.getOrSet('ask', async () => 'an answer'));
const url = await app.listen({ port: 0, host: '127.0.0.1' });

async function get(path: string): Promise<{ status: number; retryAfter: string | null; body: string }> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.text() };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; waits < 200 && !condition(); waits++) await sleep(10);
}

assert.equal((await get('/ask')).status, 200);
assert.equal(cache.stats().entries, 1);

heapShare = 0.95;
await until(() => memory.level === 'critical');
const refused = await get('/ask');
assert.deepEqual([refused.status, refused.retryAfter], [503, '1']);
assert.equal(cache.stats().entries, 0, 'at critical, caches are emptied');
assert.deepEqual((await get('/health')).status, 200);
console.log('under pressure', refused);

heapShare = 0.4;
await until(() => memory.level === 'normal');
assert.equal((await get('/ask')).status, 200);
console.log('levels', levels, 'refused', memory.stats().refused);
await app.close();
