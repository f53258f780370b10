export type Row = Record<string, unknown>;

/** For whoever makes model calls with attempts of its own: without it the client tries again by itself. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly number: number;
  /** When the call was asked for, by `performance.now()`. */
  readonly askedAt: number;
  /** Told of the tokens that the model says it used. */
  used(tokens: number): void;
}

/** The three expensive things an analytics assistant does. */
export interface Steps {
  writeSql(question: string, attempt?: Attempt): Promise<string>;
  runSql(sql: string): Promise<Row[]>;
  writeAnswer(question: string, rows: Row[], attempt?: Attempt): Promise<string>;
}

/** The assistant. It reads the same in every column: only the steps it is given differ. */
export async function ask(steps: Steps, question: string): Promise<string> {
  const sql = await steps.writeSql(question);
  if (!/^\s*SELECT\b/i.test(sql)) return sql;
  const rows = await steps.runSql(sql);
  return steps.writeAnswer(question, rows);
}
