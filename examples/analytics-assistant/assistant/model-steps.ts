import OpenAI from 'openai';
import type { Timeline } from '../measure/timeline.ts';
import type { Attempt, Row, Steps } from './ask.ts';

const SQL_PROMPT = `You write one PostgreSQL SELECT statement that answers the question, and nothing else.
flights(id, date timestamp, delay integer minutes, distance integer miles, origin, destination)
airports(iata, name, city, state, country, latitude, longitude)`;
const ANSWER_PROMPT = 'You answer the question from the rows, briefly, in the language of the question.';

/**
 * The two model calls, through the real OpenAI client.
 *
 * @param fetch - carries the requests of the client. Default: the one of Node
 */
export function modelSteps(
  baseUrl: string,
  timeline: Pick<Timeline, 'call'>,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Pick<Steps, 'writeSql' | 'writeAnswer'> {
  // Two retries is the client's own default; it stands here because a 429 is part of the stream.
  const client = new OpenAI({ apiKey: 'none-needed', baseURL: `${baseUrl}/v1`, maxRetries: 2, timeout: 30_000, fetch });

  const complete = async (
    system: string,
    user: string,
    call: { simulatedMs: number },
    attempt?: Attempt,
  ): Promise<string> => {
    const messages = [
      { role: 'system' as const, content: system },
      { role: 'user' as const, content: user },
    ];
    const { data, response } = await client.chat.completions
      .create({ model: 'playing-model', temperature: 0, messages }, attempt && optionsOf(attempt))
      .withResponse();
    call.simulatedMs = Number(response.headers.get('x-simulated-ms'));
    if (data.usage) attempt?.used(data.usage.total_tokens);
    return data.choices[0]?.message.content ?? '';
  };

  return {
    writeSql: (question, attempt) =>
      timeline.call('writeSql', [question], (call) => complete(SQL_PROMPT, question, call, attempt), attempt),
    writeAnswer: (question, rows: Row[], attempt) =>
      timeline.call(
        'writeAnswer',
        [question, rows],
        (call) => complete(ANSWER_PROMPT, `Question: ${question}\nRows: ${JSON.stringify(rows)}`, call, attempt),
        attempt,
      ),
  };
}

/** The client keeps out of the attempts of others. The header is its own: the model server goes by it. */
function optionsOf({ signal, number }: Attempt): OpenAI.RequestOptions {
  return { signal, maxRetries: 0, headers: { 'x-stainless-retry-count': String(number - 1) } };
}
