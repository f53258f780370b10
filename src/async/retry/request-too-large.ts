import { type Fields, textIn } from './error-chain.js';
import { bodiesOf } from './error-response.js';

/** OpenAI's and Groq's words. */
const TOO_LARGE = /\brequest too large\b/i;
/** "Limit 10000, Requested 12000"; of a limit that is only used up for now the first is the larger one. */
const ASKED = /\blimit:? (\d+)\b.{0,80}?\brequested:? (\d+)\b/i;
const MOST_TEXT = 1_000;

/** Whether a rate limit has refused a call that is larger than the whole of it: no pause makes room for it, a smaller request does. */
export function isRequestTooLarge(link: Fields): boolean {
  return bodiesOf(link).some((from) => saysTooLarge(textIn(from, 'message')));
}

function saysTooLarge(message: string): boolean {
  const text = message.slice(0, MOST_TEXT);
  if (TOO_LARGE.test(text)) return true;
  const [, limit, requested] = ASKED.exec(text) ?? [];
  return limit !== undefined && Number(requested) > Number(limit);
}
