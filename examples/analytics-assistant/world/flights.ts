import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const COLUMNS = ['date', 'delay', 'distance', 'origin', 'destination'] as const;

// The package's `exports` hide its data folder, so it is found beside the main file.
const data = new URL('../data/', import.meta.resolve('vega-datasets'));

/** Every so manieth of the three million real flights of January to June 2001 as CSV, numbered from 1 in the order of the file. */
export async function flightsCsv(every: number): Promise<string> {
  const file = await asyncBufferFromFile(fileURLToPath(new URL('flights-3m.parquet', data)));
  const lines: string[][] = [];
  await parquetRead({
    file,
    compressors,
    onChunk: ({ columnName, columnData, rowStart, rowEnd }) => {
      const column = COLUMNS.indexOf(columnName as (typeof COLUMNS)[number]) + 1;
      for (let row = Math.ceil(rowStart / every) * every; row < rowEnd; row += every) {
        const line = lines[row / every] ?? [String(row / every + 1)];
        line[column] = cell(columnData[row - rowStart]);
        lines[row / every] = line;
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
