import type { Metadata } from '../monitor/exemplar.js';
import { PREFIX } from './hotpath-attributes.js';
import { ERROR_TYPE } from './semantic-conventions.js';

/** Attributes of a point, a span or a span event. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export const NO_ATTRIBUTES: Attributes = Object.freeze({});

/** Labels of a series or a timer as attributes: under their own names, `error` under the one that the conventions have for it. */
export function labelAttributes(labels: Readonly<Record<string, string>>): Attributes {
  const { error, ...others } = labels;
  return error === undefined ? others : { ...others, [ERROR_TYPE]: error };
}

/** Facts about a request as attributes, `tokens` as `hotpath.tokens`. What is neither text, number nor boolean is left out. */
export function metadataAttributes(metadata: Metadata): Attributes {
  const attributes: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
      attributes[PREFIX + name] = value as string | number | boolean;
    }
  }
  return attributes;
}
