import type { Timeline } from '../measure/timeline.ts';
import type { Row, Steps } from './ask.ts';

/**
 * Runs SQL on the database. PGlite has one connection, so this is a pool of one: statements take turns.
 *
 * @param prepare - makes the statement that is really sent
 */
export function databaseStep(
  baseUrl: string,
  timeline: Timeline,
  prepare: (sql: string) => string = (sql) => sql,
): Pick<Steps, 'runSql'> {
  let turn: Promise<unknown> = Promise.resolve();

  return {
    runSql: (sql) =>
      timeline.call('runSql', [sql], (call) => {
        const asked = performance.now();
        const rows = turn.then(() => {
          call.queuedMs = performance.now() - asked;
          return query(baseUrl, prepare(sql));
        });
        turn = rows.catch(() => {});
        return rows;
      }),
  };
}

async function query(baseUrl: string, sql: string): Promise<Row[]> {
  const response = await fetch(`${baseUrl}/sql`, { method: 'POST', body: sql });
  if (!response.ok) throw new Error(`${await response.text()} in: ${sql}`);
  return (await response.json()) as Row[];
}
