import { PGlite } from '@electric-sql/pglite';

/** PostgreSQL inside the test process, in memory: always there, nothing to install. Takes a second or two to start. */
export interface InProcessPostgres {
  query<Row>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Several statements at once, for schemas. */
  exec(sql: string): Promise<void>;
  close(): Promise<void>;
}

export async function startPglite(): Promise<InProcessPostgres> {
  const db = await PGlite.create();
  return {
    query: async <Row>(sql: string, params: readonly unknown[] = []) => (await db.query<Row>(sql, [...params])).rows,
    exec: async (sql) => {
      await db.exec(sql);
    },
    close: () => db.close(),
  };
}
