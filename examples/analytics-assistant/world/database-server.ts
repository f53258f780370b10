import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { PGlite } from '@electric-sql/pglite';
import { serve } from './serve.ts';

/** PostgreSQL (PGlite) in a process of its own. POST /sql runs a statement, POST /copy/<table> loads CSV. */
const database = await PGlite.create();

// What someone in a hurry would create: types and primary keys, no further index.
await database.exec(`
  CREATE TABLE flights (
    id integer PRIMARY KEY, date timestamp, delay integer, distance integer, origin text, destination text
  );
  CREATE TABLE airports (
    iata text PRIMARY KEY, name text, city text, state text, country text, latitude double precision, longitude double precision
  );
`);

serve(
  createServer(async (request, response) => {
    try {
      const body = await text(request);
      const table = /^\/copy\/(flights|airports)$/.exec(request.url ?? '')?.[1];
      const { rows } = table
        ? await database.query(`COPY ${table} FROM '/dev/blob' CSV HEADER`, [], { blob: new Blob([body]) })
        : await database.query(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(rows));
    } catch (error) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(String(error));
    }
  }),
);
