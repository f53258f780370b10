import type { Attributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { type Fact, factOf, type MeasuredOperation } from './measured-operation.js';
import { DB, SERVER_ADDRESS, SERVER_PORT } from './semantic-conventions.js';

/** Says that a timer or stage is a database call. All of it must be of few values: it becomes attributes of a metric. */
export interface DbOperation {
  readonly kind: 'db';
  /** `db.system.name`: `'postgresql'`, `'mysql'`, `'sqlite'`, `'redis'` ... */
  readonly system: string;
  /** The database. */
  readonly namespace?: string;
  /** The table. */
  readonly collection?: Fact<string>;
  /** `'SELECT'`. */
  readonly operation?: Fact<string>;
  /** `'SELECT orders'`: a class of queries, without values. Names the span. */
  readonly summary?: Fact<string>;
  readonly serverAddress?: string;
  /** Only sent with a `serverAddress`. */
  readonly serverPort?: number;
}

export function dbAttributes(mapped: DbOperation, measured: MeasuredOperation, troubles: BridgeTroubles): Attributes {
  const attributes: Record<string, string | number> = { [DB.systemName]: mapped.system };
  const facts: readonly (readonly [string, Fact<string> | undefined])[] = [
    [DB.namespace, mapped.namespace],
    [DB.collectionName, mapped.collection],
    [DB.operationName, mapped.operation],
    [DB.querySummary, mapped.summary],
  ];
  for (const [name, fact] of facts) {
    const value = factOf(fact, measured, troubles);
    if (typeof value === 'string' && value !== '') attributes[name] = value;
  }
  if (mapped.serverAddress !== undefined) {
    attributes[SERVER_ADDRESS] = mapped.serverAddress;
    if (mapped.serverPort !== undefined) attributes[SERVER_PORT] = mapped.serverPort;
  }
  return attributes;
}

/** The summary; else operation and what it works on, as far as they are known; else the system. */
export function dbSpanName(attributes: Attributes): string {
  const summary = attributes[DB.querySummary];
  if (summary !== undefined) return String(summary);
  const target = attributes[DB.collectionName] ?? attributes[DB.namespace];
  const known = [attributes[DB.operationName], target].filter((part) => part !== undefined);
  return known.length > 0 ? known.join(' ') : String(attributes[DB.systemName]);
}
