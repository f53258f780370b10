import { type Intent, intents } from '../questions/question-set.ts';
import { uniqueQuestions } from '../questions/unique-questions.ts';

/** The question and the rows, as the assistant hands them over for the answer. */
const ANSWER_REQUEST = /^Question: (?<question>.*)\nRows: (?<rows>.*)$/s;
const CANNOT_ANSWER = 'I can only answer questions about the flights of 2001.';

const known = new Map<string, Intent>(
  [...intents, ...uniqueQuestions(2_000)].flatMap((intent) => intent.phrasings.map((question) => [question, intent])),
);

/** Plays the model: SQL for a bare question, a sentence for a question with rows. Temperature 0: same text in, same text out. */
export function completionFor(userMessage: string): string {
  const answer = ANSWER_REQUEST.exec(userMessage)?.groups;
  if (!answer) return known.get(userMessage)?.sql ?? CANNOT_ANSWER;
  const { question = '', rows = '[]' } = answer;
  const intent = known.get(question);
  if (!intent) return CANNOT_ANSWER;
  const title = intent.title[/[가-힣]/.test(question) ? 1 : 0];
  return `${title}: ${describe(JSON.parse(rows) as Record<string, unknown>[])}`;
}

function describe(rows: Record<string, unknown>[]): string {
  const [only] = rows;
  if (rows.length === 1 && only && Object.keys(only).length === 1) return `${Object.values(only)[0]}.`;
  if (rows.length === 0) return '-';
  return `${rows.map((row, index) => `${index + 1}) ${Object.values(row).join(', ')}`).join('; ')}.`;
}
