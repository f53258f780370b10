import type { TimerEndEvent, TimerStartEvent } from '../monitor/timer-events.js';
import { type Attributes, labelAttributes, metadataAttributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { tokensOf } from './gen-ai-operation.js';
import { HOTPATH, PREFIX } from './hotpath-attributes.js';
import { type OpenSpan, OpenSpans } from './open-spans.js';
import {
  type MappedOperation,
  mappedAs,
  mappedOperations,
  type OperationMapping,
  operationAttributes,
  operationSpanName,
} from './operation-mapping.js';
import { ERROR_TYPE, GEN_AI } from './semantic-conventions.js';
import { stageError } from './timer-events.js';
import { hrTime, type OtelApiLike, SPAN_KIND, type SpanLike, STATUS_ERROR, type TracerLike } from './tracer-like.js';

/** What timer spans need to know. */
export interface TimerSpansParts {
  readonly tracer: TracerLike;
  /** `undefined` until the package is loaded, and where it is missing. */
  api(): OtelApiLike | undefined;
  readonly mapping: OperationMapping;
  /** Attributes of every span. */
  readonly fixed: Attributes;
  readonly maxOpenSpans: number;
  now(): number;
  readonly troubles: BridgeTroubles;
}

const NO_METADATA = Object.freeze({});

/** Makes a span of each timer, and a child span of each of its stages. */
export class TimerSpans {
  readonly #parts: TimerSpansParts;
  readonly #open: OpenSpans;
  /** Spans that were ended because their timer did not end, or the bridge was closed before. */
  abandoned = 0;

  constructor(parts: TimerSpansParts) {
    this.#parts = parts;
    this.#open = new OpenSpans(parts.maxOpenSpans, (open) => this.#abandon(open));
  }

  get open(): number {
    return this.#open.size;
  }

  start(event: TimerStartEvent): void {
    const { tracer, mapping, fixed, troubles } = this.#parts;
    const mapped = mappedAs(mapping, event.name);
    // As far as it is known now: samplers decide by it.
    const known = mapped && operationAttributes(mapped, { ...event, metadata: NO_METADATA, ms: 0 }, troubles);
    const name = mapped && known ? operationSpanName(mapped, known) : event.name;
    const context = this.#parts.api()?.context.active();
    const options = {
      kind: mapped ? SPAN_KIND.client : SPAN_KIND.internal,
      startTime: hrTime(event.at),
      attributes: { ...fixed, ...labelAttributes(event.labels), ...known },
    };
    // Without a context the tracer looks for the active one itself.
    const span = context ? tracer.startSpan(name, options, context) : tracer.startSpan(name, options);
    this.#open.add(event.id, { span, context, name });
  }

  end(event: TimerEndEvent): void {
    const open = this.#open.take(event.id);
    if (!open) return;
    const { span } = open;
    try {
      if (span.isRecording()) this.#describe(open, event);
    } finally {
      span.end(hrTime(event.at + event.ms));
    }
  }

  close(): void {
    this.#open.giveUpAll();
  }

  #describe(open: OpenSpan, event: TimerEndEvent): void {
    const { span, name } = open;
    const operations = mappedOperations(event, this.#parts.mapping);
    span.setAttributes({ ...metadataAttributes(event.metadata), ...labelAttributes(event.labels) });
    const own = operations.find(({ index }) => index < 0);
    if (own) {
      const attributes = this.#attributesOf(own, event);
      span.setAttributes(attributes);
      const wanted = operationSpanName(own.mapped, attributes);
      if (wanted !== name) span.updateName(wanted);
    }
    if (event.firstChunkMs !== undefined) {
      span.addEvent(`${PREFIX}first_chunk`, {}, hrTime(event.at + event.firstChunkMs));
    }
    this.#addStages(open, event, operations);
    fail(span, event.error);
  }

  #addStages(open: OpenSpan, event: TimerEndEvent, operations: readonly MappedOperation[]): void {
    const { tracer, fixed } = this.#parts;
    const api = this.#parts.api();
    const context = api && open.context && api.trace.setSpan(open.context, open.span);
    for (const [i, stage] of event.stages.entries()) {
      const operation = operations.find(({ index }) => index === i);
      const attributes = {
        ...(stage.labels && labelAttributes(stage.labels)),
        ...(operation && this.#attributesOf(operation, event)),
      };
      const startTime = hrTime(event.at + stage.startMs);
      if (!context) {
        // A span that can't be put below the timer's would stand beside it, or alone.
        open.span.addEvent(stage.name, { ...attributes, [`${PREFIX}ms`]: stage.ms }, startTime);
        continue;
      }
      const name = operation ? operationSpanName(operation.mapped, attributes) : stage.name;
      const kind = operation ? SPAN_KIND.client : SPAN_KIND.internal;
      const child = tracer.startSpan(name, { kind, startTime, attributes: { ...fixed, ...attributes } }, context);
      fail(child, stageError(event, i));
      child.end(hrTime(event.at + stage.startMs + stage.ms));
    }
  }

  #attributesOf({ mapped, measured, index, ownsTokens }: MappedOperation, event: TimerEndEvent): Attributes {
    const { troubles } = this.#parts;
    const attributes = operationAttributes(mapped, measured, troubles);
    if (mapped.kind === 'db') return attributes;
    const { input, output } = tokensOf(mapped, measured, ownsTokens, troubles);
    return {
      ...attributes,
      ...(input !== undefined && { [GEN_AI.inputTokens]: input }),
      ...(output !== undefined && { [GEN_AI.outputTokens]: output }),
      ...(index < 0 && event.firstChunkMs !== undefined && { [GEN_AI.timeToFirstChunk]: event.firstChunkMs / 1_000 }),
    };
  }

  #abandon({ span }: OpenSpan): void {
    this.abandoned++;
    this.#parts.troubles.guard('a span', () => {
      span.setAttribute(HOTPATH.abandoned, true);
      span.end(hrTime(this.#parts.now()));
    });
  }
}

/** The error's message is not sent: it may hold anything. */
function fail(span: SpanLike, error: string | undefined): void {
  if (error === undefined) return;
  span.setAttribute(ERROR_TYPE, error);
  span.setStatus({ code: STATUS_ERROR });
}
