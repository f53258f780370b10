import type { TimerEndEvent } from '../monitor/timer-events.js';
import type { Attributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { type GenAiOperation, tokensOf } from './gen-ai-operation.js';
import type { HistogramLike, MeterLike } from './meter-like.js';
import {
  type MappedOperation,
  mappedOperations,
  type OperationMapping,
  operationAttributes,
} from './operation-mapping.js';
import { DB_BUCKETS, DB_METRICS, GEN_AI, GEN_AI_BUCKETS, GEN_AI_METRICS } from './semantic-conventions.js';

/** Of those that the meter would not make there are none. */
interface HistogramBook {
  readonly modelSeconds: HistogramLike | undefined;
  readonly firstChunkSeconds: HistogramLike | undefined;
  readonly tokens: HistogramLike | undefined;
  readonly dbSeconds: HistogramLike | undefined;
}

/**
 * Histograms of the semantic conventions, recorded as mapped timers and stages end: what a call to a model or a database costs
 * exceeds the cost of recording it by far.
 */
export class SemanticHistograms {
  readonly #histograms: HistogramBook;
  readonly #mapping: OperationMapping;
  readonly #fixed: Attributes;
  readonly #troubles: BridgeTroubles;

  /** @param fixed - attributes of every point */
  constructor(meter: MeterLike, mapping: OperationMapping, fixed: Attributes, troubles: BridgeTroubles) {
    this.#histograms = histogramsOf(meter, troubles);
    this.#mapping = mapping;
    this.#fixed = fixed;
    this.#troubles = troubles;
  }

  record(event: TimerEndEvent): void {
    for (const operation of mappedOperations(event, this.#mapping)) {
      const { mapped, measured } = operation;
      const attributes = { ...this.#fixed, ...operationAttributes(mapped, measured, this.#troubles) };
      const seconds = measured.ms / 1_000;
      if (mapped.kind === 'db') this.#histograms.dbSeconds?.record(seconds, attributes);
      else {
        this.#histograms.modelSeconds?.record(seconds, attributes);
        this.#recordModelCall(event, operation, mapped, attributes);
      }
    }
  }

  #recordModelCall(
    event: TimerEndEvent,
    operation: MappedOperation,
    mapped: GenAiOperation,
    attributes: Attributes,
  ): void {
    const { measured, index, ownsTokens } = operation;
    const { firstChunkMs } = event;
    // When the first chunk left the request is known, not when a stage within it got one.
    if (index < 0 && firstChunkMs !== undefined) {
      this.#histograms.firstChunkSeconds?.record(firstChunkMs / 1_000, attributes);
    }
    const { input, output } = tokensOf(mapped, measured, ownsTokens, this.#troubles);
    const { tokens } = this.#histograms;
    if (input !== undefined) tokens?.record(input, { ...attributes, [GEN_AI.tokenType]: 'input' });
    if (output !== undefined) tokens?.record(output, { ...attributes, [GEN_AI.tokenType]: 'output' });
  }
}

function histogramsOf(meter: MeterLike, troubles: BridgeTroubles): HistogramBook {
  const make = (
    name: string,
    unit: string,
    description: string,
    buckets: readonly number[],
  ): HistogramLike | undefined =>
    troubles.guard(`the histogram ${name}`, () =>
      meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...buckets] } }),
    );
  const { seconds, tokens } = GEN_AI_BUCKETS;
  return {
    modelSeconds: make(GEN_AI_METRICS.operationDuration, 's', 'Duration of calls to models.', seconds),
    firstChunkSeconds: make(GEN_AI_METRICS.timeToFirstChunk, 's', 'Time to the first chunk of an answer.', seconds),
    tokens: make(GEN_AI_METRICS.tokenUsage, '{token}', 'Tokens of calls to models.', tokens),
    dbSeconds: make(DB_METRICS.operationDuration, 's', 'Duration of database calls.', DB_BUCKETS.seconds),
  };
}
