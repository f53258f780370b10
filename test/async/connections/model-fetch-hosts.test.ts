import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { bodyOf, modelFetch, serve, yes } from './model-fetch-setup.js';
import { RecordingLogger } from './recording-logger.js';

const COMPLETION = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } }],
});

describe('createModelFetch: what calls it', () => {
  it('serves the client of openai', async () => {
    const seen: string[] = [];
    const server = await serve(async (request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['authorization']}`, await bodyOf(request));
      response.setHeader('content-type', 'application/json').end(COMPLETION);
    });
    const fetch = modelFetch({ connections: 1 });
    const client = new OpenAI({ apiKey: 'key', baseURL: `${server.url}/v1`, fetch, maxRetries: 0 });
    const question = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
    const answers = [await client.chat.completions.create(question), await client.chat.completions.create(question)];
    expect(answers.map(({ choices }) => choices[0]?.message.content)).toEqual(['hello', 'hello']);
    expect(seen.slice(0, 1)).toEqual(['POST /v1/chat/completions Bearer key']);
    expect(JSON.parse(seen[1]!)).toEqual(question);
    expect(fetch.stats()).toMatchObject({ calls: 2, reused: 1 });
  });

  it('streams to the client of openai', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-type', 'text/event-stream');
      for (const content of ['a', 'b', 'c']) {
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      }
      response.end('data: [DONE]\n\n');
    });
    const client = new OpenAI({ apiKey: 'key', baseURL: server.url, fetch: modelFetch(), maxRetries: 0 });
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true });
    let told = '';
    for await (const chunk of stream) told += chunk.choices[0]?.delta.content;
    expect(told).toBe('abc');
  });

  it('warns of an SDK that retries by itself', async () => {
    let calls = 0;
    const server = await serve((_, response) => {
      response.setHeader('content-type', 'application/json');
      if (++calls < 3) response.writeHead(503, { 'retry-after-ms': '1' }).end('{}');
      else response.end(COMPLETION);
    });
    const logger = new RecordingLogger();
    const client = new OpenAI({ apiKey: 'key', baseURL: server.url, fetch: modelFetch({ logger }), maxRetries: 2 });
    await client.chat.completions.create({ model: 'm', messages: [] });
    expect(calls).toBe(3);
    expect(logger.warnings).toHaveLength(1);
    expect(logger.warnings[0]).toContain('maxRetries');
  });

  it('takes a Request of Node.js with its body, and what init says goes before it', async () => {
    const server = await serve(async (request, response) => {
      const { method, headers } = request;
      const answer = { method, body: await bodyOf(request), length: headers['content-length'], tag: headers['x-tag'] };
      response.end(JSON.stringify(answer));
    });
    const fetch = modelFetch();
    const request = new Request(server.url, { method: 'POST', body: 'of the request', headers: { 'x-tag': 'a' } });
    expect(await (await fetch(request)).json()).toEqual({
      method: 'POST',
      body: 'of the request',
      length: '14',
      tag: 'a',
    });
    const other = new Request(server.url, { method: 'PUT', headers: { 'x-tag': 'a' } });
    expect(await (await fetch(other, { body: 'of init', headers: new Headers({ 'x-tag': 'b' }) })).json()).toEqual({
      method: 'PUT',
      body: 'of init',
      length: '7',
      tag: 'b',
    });
  });

  it('sends a FormData of Node.js as a form, its files too', async () => {
    const server = await serve(async (request, response) => {
      response.end(`${request.headers['content-type']}\n${await bodyOf(request)}`);
    });
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new File(['{"a":1}'], 'input.jsonl', { type: 'application/jsonl' }));
    const sent = await (await modelFetch()(server.url, { method: 'POST', body: form })).text();
    expect(sent).toMatch(/^multipart\/form-data; boundary=/);
    expect(sent).toContain('name="purpose"');
    expect(sent).toContain('filename="input.jsonl"');
    expect(sent).toContain('{"a":1}');
  });

  it('tells the processor of every response, and calls go on where that fails', async () => {
    let status = 200;
    const server = await serve((_, response) => {
      response.writeHead(status, { 'x-ratelimit-remaining-requests': '7' }).end();
    });
    const seen: [number, string | null][] = [];
    const logger = new RecordingLogger();
    const processor = {
      observeResponse(of: number, headers: unknown) {
        seen.push([of, (headers as Headers).get('x-ratelimit-remaining-requests')]);
        if (of === 500) throw new Error('the processor is in trouble');
      },
    };
    const fetch = modelFetch({ processor, logger });
    for (status of [200, 429, 500]) expect((await fetch(server.url)).status).toBe(status);
    expect(seen).toEqual([
      [200, '7'],
      [429, '7'],
      [500, '7'],
    ]);
    expect(logger.warnings).toHaveLength(1);
  });

  it('lets the process end while connections are kept, and leaves the dispatcher of the global fetch alone', async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, yes);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'test/async/connections/model-fetch-child.ts', `${(server.address() as AddressInfo).port}`],
      { stdio: ['ignore', 'pipe', 'inherit'], timeout: 15_000 },
    );
    let told = '';
    child.stdout.on('data', (chunk) => {
      told += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(JSON.parse(told)).toEqual({ answer: 'yes', open: 1, isNodesOwn: true });
    expect(code).toBe(0);
  });
});
