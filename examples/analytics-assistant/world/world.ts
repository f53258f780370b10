import { startServer } from './child.ts';
import { airportsCsv, flightsCsv } from './flights.ts';

export interface WorldOptions {
  readonly seed: number;
  /** The model is this many times faster than in life. */
  readonly scale: number;
  /** Load every so manieth of the three million flights. @default 10 */
  readonly every?: number;
}

export interface World {
  readonly modelUrl: string;
  readonly databaseUrl: string;
}

/** Starts the model server and the database, each in a process of its own, and loads the data. */
export async function openWorld({ seed, scale, every = 10 }: WorldOptions): Promise<World> {
  const [modelUrl, databaseUrl, flights, airports] = await Promise.all([
    startServer(new URL('./model-server.ts', import.meta.url), {
      MODEL_SEED: String(seed),
      MODEL_SCALE: String(scale),
    }),
    startServer(new URL('./database-server.ts', import.meta.url)),
    flightsCsv(every),
    airportsCsv(),
  ]);
  await post(`${databaseUrl}/copy/airports`, airports);
  await post(`${databaseUrl}/copy/flights`, flights);
  await post(`${databaseUrl}/sql`, 'ANALYZE');
  // The first scans find neither compiled code nor warm pages; no column shall pay for that.
  for (let scan = 0; scan < 5; scan++)
    await post(`${databaseUrl}/sql`, 'SELECT COUNT(*), AVG(delay) FROM flights WHERE distance > 0');
  return { modelUrl, databaseUrl };
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
}
