import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { completionFor } from './playing-model.ts';
import { serve } from './serve.ts';
import { fateOf, RATE_LIMIT, simulatedMs } from './weather.ts';

/**
 * An OpenAI-compatible model server in a process of its own: POST /v1/chat/completions, not streamed. Waits are the simulated
 * ones divided by the scale; the header `x-simulated-ms` says what the wait stands for.
 */
const seed = Number(process.env['MODEL_SEED']);
const scale = Number(process.env['MODEL_SCALE']);

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

let tally = { calls: 0, rateLimited: 0, promptTokens: 0, completionTokens: 0 };

serve(
  createServer(async (request, response) => {
    if (request.url === '/tally') {
      reply(response, 200, tally);
      tally = { calls: 0, rateLimited: 0, promptTokens: 0, completionTokens: 0 };
    } else if (request.method === 'POST' && request.url === '/v1/chat/completions') {
      await complete(await text(request), Number(request.headers['x-stainless-retry-count'] ?? 0), response);
    } else {
      reply(response, 404, { error: { message: 'Only POST /v1/chat/completions exists here.' } });
    }
  }),
);

async function complete(body: string, attempt: number, response: ServerResponse): Promise<void> {
  const { model, messages } = JSON.parse(body) as ChatRequest;
  const prompt = messages.map((message) => message.content).join('\n');
  const fate = fateOf(seed, prompt, attempt);
  await sleep(fate.ms / scale);
  if (fate.kind === 'rate-limited') {
    tally.rateLimited += 1;
    response.setHeader('retry-after-ms', RATE_LIMIT.retryAfterMs / scale);
    // Whole seconds, for clients that know only the standard header.
    response.setHeader('retry-after', Math.ceil(RATE_LIMIT.retryAfterMs / scale / 1000));
    reply(response, 429, {
      error: { message: 'Rate limit reached. Try again.', type: 'rate_limit', code: 'rate_limit' },
    });
    return;
  }
  const content = completionFor(messages.at(-1)?.content ?? '');
  const usage = { prompt_tokens: tokens(prompt), completion_tokens: tokens(content) };
  tally.calls += 1;
  tally.promptTokens += usage.prompt_tokens;
  tally.completionTokens += usage.completion_tokens;
  response.setHeader('x-simulated-ms', simulatedMs(seed, prompt, attempt));
  reply(response, 200, {
    id: `chatcmpl-${tally.calls}`,
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  });
}

/** About four characters a token: near enough for a bill that is only compared with itself. */
function tokens(content: string): number {
  return Math.ceil(content.length / 4);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
