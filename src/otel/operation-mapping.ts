import type { TimerEndEvent } from '../monitor/timer-events.js';
import type { Attributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { type DbOperation, dbAttributes, dbSpanName } from './db-operation.js';
import { type GenAiOperation, genAiAttributes, genAiSpanName } from './gen-ai-operation.js';
import type { MeasuredOperation } from './measured-operation.js';
import { ERROR_TYPE } from './semantic-conventions.js';
import { stageError } from './timer-events.js';

/** Which timers and stages are calls to a model or a database, by their name. */
export type OperationMapping = Readonly<Record<string, GenAiOperation | DbOperation>>;

/** One call that was measured, beside what it is. */
export interface MappedOperation {
  readonly measured: MeasuredOperation;
  readonly mapped: GenAiOperation | DbOperation;
  /** Where it stands among the stages; -1 for the timer itself. */
  readonly index: number;
  /** Whether the token counts of the request's metadata are its own: they belong to one call. */
  readonly ownsTokens: boolean;
}

/** The mapped operations of a request: its stages in order, then the timer itself. */
export function mappedOperations(event: TimerEndEvent, mapping: OperationMapping): MappedOperation[] {
  const found: Omit<MappedOperation, 'ownsTokens'>[] = [];
  for (const index of event.stages.keys()) {
    const mapped = mappedAs(mapping, event.stages[index]!.name);
    if (mapped) found.push({ measured: stageOperation(event, index), mapped, index });
  }
  const mapped = mappedAs(mapping, event.name);
  if (mapped) found.push({ measured: event, mapped, index: -1 });
  const owner =
    found.findLast(({ mapped: { kind }, index }) => kind === 'gen_ai' && index >= 0) ??
    found.find(({ mapped: { kind } }) => kind === 'gen_ai');
  return found.map((one) => ({ ...one, ownsTokens: one === owner }));
}

export function mappedAs(mapping: OperationMapping, name: string): GenAiOperation | DbOperation | undefined {
  return Object.hasOwn(mapping, name) ? mapping[name] : undefined;
}

/** Attributes that an operation has by its convention, with `error.type` where it failed. */
export function operationAttributes(
  mapped: GenAiOperation | DbOperation,
  measured: MeasuredOperation,
  troubles: BridgeTroubles,
): Attributes {
  const attributes =
    mapped.kind === 'gen_ai' ? genAiAttributes(mapped, measured, troubles) : dbAttributes(mapped, measured, troubles);
  return measured.error === undefined ? attributes : { ...attributes, [ERROR_TYPE]: measured.error };
}

/** The name that the conventions give to the span of an operation with these attributes. */
export function operationSpanName(mapped: GenAiOperation | DbOperation, attributes: Attributes): string {
  return mapped.kind === 'gen_ai' ? genAiSpanName(attributes) : dbSpanName(attributes);
}

function stageOperation(event: TimerEndEvent, index: number): MeasuredOperation {
  const stage = event.stages[index]!;
  const { error: _error, ...labels } = event.labels;
  const error = stageError(event, index);
  return {
    name: event.name,
    stage: stage.name,
    labels: { ...labels, ...stage.labels },
    metadata: event.metadata,
    ms: stage.ms,
    ...(error !== undefined && { error }),
  };
}
