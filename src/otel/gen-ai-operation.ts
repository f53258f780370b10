import type { Attributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { type Fact, factOf, type MeasuredOperation } from './measured-operation.js';
import { GEN_AI, SERVER_ADDRESS, SERVER_PORT } from './semantic-conventions.js';

/** Tokens that a call to a model has used. Input tokens include those that the provider had cached. */
export interface TokenUsage {
  readonly input?: number;
  readonly output?: number;
}

/** Says that a timer or stage is a call to a model. */
export interface GenAiOperation {
  readonly kind: 'gen_ai';
  /** `gen_ai.operation.name`: `'chat'`, `'embeddings'`, `'text_completion'`, `'generate_content'`, `'retrieval'` ... */
  readonly operation: string;
  /** `gen_ai.provider.name`: `'openai'`, `'anthropic'`, `'azure.ai.openai'`, `'aws.bedrock'`, `'gcp.gemini'`, `'mistral_ai'` ... */
  readonly provider: string;
  /** The model that was asked for. @default the label `model`, else `metadata.model` */
  readonly model?: Fact<string>;
  /** The model that answered. @default `metadata.responseModel` */
  readonly responseModel?: Fact<string>;
  readonly serverAddress?: string;
  /** Only sent with a `serverAddress`. */
  readonly serverPort?: number;
  /**
   * Tokens of this call.
   *
   * @default `metadata.inputTokens` and `metadata.outputTokens`: of the request's last mapped stage, or of the timer where no stage
   * is a call to a model, so that they are counted once
   */
  readonly tokens?: (operation: MeasuredOperation) => TokenUsage | undefined;
}

export function genAiAttributes(
  mapped: GenAiOperation,
  measured: MeasuredOperation,
  troubles: BridgeTroubles,
): Attributes {
  const { labels, metadata } = measured;
  const model = factOf(mapped.model, measured, troubles) ?? labels['model'] ?? metadata['model'];
  const responseModel = factOf(mapped.responseModel, measured, troubles) ?? metadata['responseModel'];
  return {
    [GEN_AI.operationName]: mapped.operation,
    [GEN_AI.providerName]: mapped.provider,
    ...(isText(model) && { [GEN_AI.requestModel]: model }),
    ...(isText(responseModel) && { [GEN_AI.responseModel]: responseModel }),
    ...(mapped.serverAddress !== undefined && {
      [SERVER_ADDRESS]: mapped.serverAddress,
      ...(mapped.serverPort !== undefined && { [SERVER_PORT]: mapped.serverPort }),
    }),
  };
}

/** `chat gpt-4o`; without a model the operation alone. */
export function genAiSpanName(attributes: Attributes): string {
  const model = attributes[GEN_AI.requestModel];
  const operation = String(attributes[GEN_AI.operationName]);
  return model === undefined ? operation : `${operation} ${model}`;
}

/** Tokens of a call, where there are any to tell. What is no number, or below 0, is left out. */
export function tokensOf(
  mapped: GenAiOperation,
  measured: MeasuredOperation,
  ownsTokens: boolean,
  troubles: BridgeTroubles,
): TokenUsage {
  const { tokens } = mapped;
  const { metadata } = measured;
  const given: { readonly input?: unknown; readonly output?: unknown } = tokens
    ? (troubles.guard('a function of the mapping', () => tokens(measured)) ?? {})
    : ownsTokens
      ? { input: metadata['inputTokens'], output: metadata['outputTokens'] }
      : {};
  const { input, output } = given;
  return { ...(isCount(input) && { input }), ...(isCount(output) && { output }) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0;
}
