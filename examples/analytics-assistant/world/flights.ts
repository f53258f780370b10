import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Every tenth of the three million rows. */
const EVERY = 10;
const COLUMNS = ['date', 'delay', 'distance', 'origin', 'destination'] as const;

// The package's `exports` hide its data folder, so it is found beside the main file.
const data = new URL('../data/', import.meta.resolve('vega-datasets'));

/** 300,000 real flights of January to June 2001 as CSV, numbered from 1 in the order of the file. */
export async function flightsCsv(): Promise<string> {
  const file = await asyncBufferFromFile(fileURLToPath(new URL('flights-3m.parquet', data)));
  const lines: string[][] = [];
  await parquetRead({
    file,
    compressors,
    onChunk: ({ columnName, columnData, rowStart, rowEnd }) => {
      const column = COLUMNS.indexOf(columnName as (typeof COLUMNS)[number]) + 1;
      for (let row = Math.ceil(rowStart / EVERY) * EVERY; row < rowEnd; row += EVERY) {
        const line = lines[row / EVERY] ?? [String(row / EVERY + 1)];
        line[column] = cell(columnData[row - rowStart]);
        lines[row / EVERY] = line;
      }
    },
  });
  return ['id,date,delay,distance,origin,destination', ...lines.map((line) => line.join(','))].join('\n');
}

export function airportsCsv(): Promise<string> {
  return readFile(new URL('airports.csv', data), 'utf8');
}

function cell(value: unknown): string {
  return value instanceof Date ? value.toISOString().slice(0, 19) : String(value ?? '');
}
