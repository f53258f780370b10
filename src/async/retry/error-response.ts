import type { HeaderSource } from '../rate/header-source.js';
import { type Fields, fieldsIn, read } from './error-chain.js';

/** The status of the response that the errors of a chain tell of: 400 to 599. */
export function statusIn(chain: readonly Fields[]): number | undefined {
  for (const link of chain) {
    const response = fieldsIn(link, 'response');
    for (const value of [
      read(link, 'status'),
      read(link, 'statusCode'),
      read(response, 'status'),
      read(response, 'statusCode'),
      read(fieldsIn(link, '$metadata'), 'httpStatusCode'),
      read(link, 'code'),
    ]) {
      // Of a response whose body was cut off the status says nothing.
      if (typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600) return value;
    }
  }
  return undefined;
}

/** Its headers, wherever an SDK keeps them. */
export function headersIn(chain: readonly Fields[]): HeaderSource | undefined {
  for (const link of chain) {
    const headers =
      fieldsIn(link, 'headers') ??
      fieldsIn(link, 'responseHeaders') ??
      fieldsIn(fieldsIn(link, 'response'), 'headers') ??
      fieldsIn(fieldsIn(link, '$response'), 'headers');
    if (headers) return headers as HeaderSource;
  }
  return undefined;
}

/** Where the body of an error response may have put what it says, the innermost first: `error` of the body, the body, the error itself. */
export function bodiesOf(link: Fields): readonly (Fields | undefined)[] {
  const body = fieldsIn(link, 'error') ?? fieldsIn(link, 'data') ?? fieldsIn(fieldsIn(link, 'response'), 'data');
  return [fieldsIn(body, 'error'), body, link];
}
