import { airportQuestions } from './airports.ts';
import { dateQuestions } from './dates.ts';
import { delayQuestions } from './delays.ts';
import { routeQuestions } from './routes.ts';

/** One thing people want to know, however they put it. All phrasings of an intent lead the model to the same SQL. */
export interface Intent {
  readonly id: string;
  /** What the answer is about, in English and in Korean. */
  readonly title: readonly [english: string, korean: string];
  readonly phrasings: readonly string[];
  /** What a model would write: right, and written without a thought for the planner. */
  readonly sql: string;
}

/** Every intent of the demo. Neighbours differ by one word on purpose: from and to, February and March, most and least. */
export const intents: readonly Intent[] = [...dateQuestions, ...delayQuestions, ...routeQuestions, ...airportQuestions];

export interface Asking {
  readonly intent: string;
  readonly question: string;
}

/** Every phrasing of every intent, in the order of the files. */
export function allPhrasings(): Asking[] {
  return intents.flatMap((intent) => intent.phrasings.map((question) => ({ intent: intent.id, question })));
}
