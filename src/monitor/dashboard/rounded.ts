/** Plain data as the page is sent it: what is not plain is left out of the type. */
type Plain = string | number | boolean | null | undefined | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * A copy of plain data with numbers shortened: whole ones as they are, fractions to four significant digits, above a thousand
 * to whole ones. NaN and infinite ones become `null`, as in JSON.
 */
export function rounded<Data>(data: Data): Data {
  return copied(data as Plain) as Data;
}

function copied(data: Plain): Plain {
  if (typeof data === 'number') return shortened(data);
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map(copied);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, copied(value)]));
}

function shortened(value: number): number | null {
  if (Number.isInteger(value)) return value;
  if (!Number.isFinite(value)) return null;
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}
