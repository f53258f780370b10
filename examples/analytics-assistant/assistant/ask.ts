export type Row = Record<string, unknown>;

/** The three expensive things an analytics assistant does. */
export interface Steps {
  writeSql(question: string): Promise<string>;
  runSql(sql: string): Promise<Row[]>;
  writeAnswer(question: string, rows: Row[]): Promise<string>;
}

/** The assistant. It reads the same in every column: only the steps it is given differ. */
export async function ask(steps: Steps, question: string): Promise<string> {
  const sql = await steps.writeSql(question);
  if (!/^\s*SELECT\b/i.test(sql)) return sql;
  const rows = await steps.runSql(sql);
  return steps.writeAnswer(question, rows);
}
