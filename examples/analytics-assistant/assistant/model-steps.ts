import OpenAI from 'openai';
import type { Timeline } from '../measure/timeline.ts';
import type { Row, Steps } from './ask.ts';

const SQL_PROMPT = `You write one PostgreSQL SELECT statement that answers the question, and nothing else.
flights(id, date timestamp, delay integer minutes, distance integer miles, origin, destination)
airports(iata, name, city, state, country, latitude, longitude)`;
const ANSWER_PROMPT = 'You answer the question from the rows, briefly, in the language of the question.';

/** The two model calls, through the real OpenAI client. */
export function modelSteps(baseUrl: string, timeline: Timeline): Pick<Steps, 'writeSql' | 'writeAnswer'> {
  // Two retries is the client's own default; it stands here because a 429 is part of the stream.
  const client = new OpenAI({ apiKey: 'none-needed', baseURL: `${baseUrl}/v1`, maxRetries: 2, timeout: 30_000 });

  const complete = (system: string, user: string, call: { simulatedMs: number }): Promise<string> =>
    client.chat.completions
      .create({
        model: 'playing-model',
        temperature: 0,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: user },
        ],
      })
      .withResponse()
      .then(({ data, response }) => {
        call.simulatedMs = Number(response.headers.get('x-simulated-ms'));
        return data.choices[0]?.message.content ?? '';
      });

  return {
    writeSql: (question) => timeline.call('writeSql', [question], (call) => complete(SQL_PROMPT, question, call)),
    writeAnswer: (question, rows: Row[]) =>
      timeline.call('writeAnswer', [question, rows], (call) =>
        complete(ANSWER_PROMPT, `Question: ${question}\nRows: ${JSON.stringify(rows)}`, call),
      ),
  };
}
