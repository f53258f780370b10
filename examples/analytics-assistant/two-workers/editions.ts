/**
 * The one fact that every answer rests on and that changes while the workers run: the number of the data's edition. Each
 * statement reads it beside its rows, so each answer says of which edition it is.
 */
export async function createEditions(databaseUrl: string): Promise<void> {
  await sql(databaseUrl, 'CREATE TABLE edition (number integer)');
  await sql(databaseUrl, 'INSERT INTO edition VALUES (1)');
}

/** The data change. Returns the number of the new edition, which is in the database by then. */
export async function publishEdition(databaseUrl: string): Promise<number> {
  const rows = await sql(databaseUrl, 'UPDATE edition SET number = number + 1 RETURNING number');
  return (rows as { number: number }[])[0]?.number ?? Number.NaN;
}

/** A statement whose rows end in the number of the edition they were read from. */
export function withEdition(statement: string): string {
  return `SELECT answer.*, edition.number AS edition FROM edition LEFT JOIN (${statement}) AS answer ON true`;
}

/** Takes an answer apart: the edition it was made from, and the rest, which is the same in every edition. */
export function readAnswer(answer: string): { readonly edition: number; readonly text: string } {
  return {
    edition: Number(/, (\d+)\.$/.exec(answer)?.[1] ?? Number.NaN),
    text: answer.replace(/, \d+(?=; \d+\) |\.$)/g, ''),
  };
}

async function sql(databaseUrl: string, body: string): Promise<unknown> {
  const response = await fetch(`${databaseUrl}/sql`, { method: 'POST', body });
  if (!response.ok) throw new Error(`${await response.text()} in: ${body}`);
  return response.json();
}
