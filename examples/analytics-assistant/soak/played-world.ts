import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row, Steps } from '../assistant/ask.ts';
import { modelSteps } from '../assistant/model-steps.ts';
import { completionFor } from '../world/playing-model.ts';
import { fateOf, RATE_LIMIT } from '../world/weather.ts';
import { serialOf } from './traffic.ts';

export interface PlayedWorld {
  readonly seed: number;
  /** The model is this many times faster than in life. */
  readonly scale: number;
}

/** What a query takes. */
const SQL_MS = 2;
const MOST_ROWS = 24;

/**
 * The bare steps of the assistant, with model and database played in this process: the same client, questions, latencies and
 * refusals as in the demo, but no sockets, and rows made up from the statement. So one core answers some hundred requests a second.
 */
export function playedSteps(world: PlayedWorld): Steps {
  const untimed = {
    call: <T>(_: string, __: unknown, run: (call: { simulatedMs: number; queuedMs: number }) => T) =>
      run({ simulatedMs: 0, queuedMs: 0 }),
  };
  return { ...modelSteps('http://played', untimed, (_, init) => complete(world, init)), runSql };
}

interface ChatRequest {
  readonly messages: readonly { readonly content: string }[];
}

async function complete({ seed, scale }: PlayedWorld, init: RequestInit | undefined): Promise<Response> {
  const { messages } = JSON.parse(String(init?.body)) as ChatRequest;
  const attempt = Number(new Headers(init?.headers).get('x-stainless-retry-count') ?? 0);
  const prompt = messages.map(({ content }) => content).join('\n');
  const fate = fateOf(seed, prompt, attempt);
  await sleep(fate.ms / scale);
  if (fate.kind === 'rate-limited') {
    const headers = { 'retry-after-ms': String(RATE_LIMIT.retryAfterMs / scale) };
    return Response.json({ error: { message: 'Rate limit reached. Try again.' } }, { status: 429, headers });
  }
  const content = answerTo(messages.at(-1)?.content ?? '');
  const usage = {
    prompt_tokens: prompt.length >> 2,
    completion_tokens: content.length >> 2,
    total_tokens: (prompt.length + content.length) >> 2,
  };
  return Response.json({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content } }],
    usage,
  });
}

/** The playing model knows no numbers: they are taken off a question, and put into its SQL. */
function answerTo(message: string): string {
  const { question, rows } = /^Question: (?<question>.*)\nRows: (?<rows>.*)$/s.exec(message)?.groups ?? {};
  if (question !== undefined) return completionFor(`Question: ${serialOf(question).known}\nRows: ${rows}`);
  const { known, serial } = serialOf(message);
  return serial === undefined ? completionFor(known) : `${completionFor(known)} -- ${serial}`;
}

/** Rows that follow from the statement, with the columns of the flights. Parsed, as rows that came over HTTP are. */
async function runSql(sql: string): Promise<Row[]> {
  await sleep(SQL_MS);
  const digest = createHash('sha256').update(sql).digest();
  const rows = Array.from({ length: 1 + (digest.readUInt8(0) % MOST_ROWS) }, (_, index) => ({
    id: digest.readUInt32BE(4) + index,
    date: new Date(978_307_200_000 + digest.readUInt32BE(index % 28)).toISOString(),
    delay: digest.readInt8(index % 32),
    distance: digest.readUInt16BE(index % 30),
    origin: digest.toString('hex', index % 30, (index % 30) + 2),
    destination: digest.toString('hex', (index + 7) % 30, ((index + 7) % 30) + 2),
  }));
  return JSON.parse(JSON.stringify(rows)) as Row[];
}
