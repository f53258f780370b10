/**
 * Names of the OpenTelemetry semantic conventions that the bridge writes, all of them, and the bucket boundaries recommended with them.
 *
 * Database names are stable. Process, Node.js and GenAI names have the status Development: they may change with a release of the
 * conventions. The GenAI ones have moved to https://github.com/open-telemetry/semantic-conventions-genai, where drafts rename some.
 * Source: https://github.com/open-telemetry/semantic-conventions/tree/v1.45.0
 */

/** The release of the conventions that the names were read from. */
export const SEMANTIC_CONVENTIONS = '1.45.0';

/** What an operation failed with: a code or a name. Absent where it did not fail. */
export const ERROR_TYPE = 'error.type';
export const SERVER_ADDRESS = 'server.address';
export const SERVER_PORT = 'server.port';

/** Metrics of calls to models. */
export const GEN_AI_METRICS = {
  operationDuration: 'gen_ai.client.operation.duration',
  timeToFirstChunk: 'gen_ai.client.operation.time_to_first_chunk',
  tokenUsage: 'gen_ai.client.token.usage',
} as const;

/** Attributes of calls to models. */
export const GEN_AI = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  tokenType: 'gen_ai.token.type',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
} as const;

/** Boundaries of the GenAI durations, in seconds, and of the token counts. */
export const GEN_AI_BUCKETS = {
  seconds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  tokens: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
} as const;

/** Metrics of database calls. */
export const DB_METRICS = { operationDuration: 'db.client.operation.duration' } as const;

/** Attributes of database calls. Texts of queries (`db.query.text`) are never sent. */
export const DB = {
  systemName: 'db.system.name',
  namespace: 'db.namespace',
  collectionName: 'db.collection.name',
  operationName: 'db.operation.name',
  querySummary: 'db.query.summary',
} as const;

/** Boundaries of database durations, in seconds. */
export const DB_BUCKETS = { seconds: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] } as const;

/**
 * Metrics of the process. `v8js.memory.heap.used` is not among them: it asks for the heap space of each figure, and the monitor
 * samples the heap as a whole, which goes out as `hotpath.memory.heap.used`.
 */
export const RUNTIME_METRICS = {
  cpuUtilization: 'process.cpu.utilization',
  memoryUsage: 'process.memory.usage',
  eventLoopUtilization: 'nodejs.eventloop.utilization',
} as const;
