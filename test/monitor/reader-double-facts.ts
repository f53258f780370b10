import type { AlertEvent } from '../../src/monitor/alerts/alert-event.js';
import type { AlertStatus } from '../../src/monitor/alerts/alert-status.js';
import type { AttachmentReading } from '../../src/monitor/attachments/attachment-reading.js';
import type { Exemplar } from '../../src/monitor/exemplar.js';
import type { Mark } from '../../src/monitor/mark.js';
import type { ProfileEntry } from '../../src/monitor/profiling/profile-entry.js';
import type { ResourceReading } from '../../src/monitor/resource-reading.js';
import type { Judgement, TargetResult } from '../../src/monitor/targets/target-result.js';

/** When the monitor of the double was made: a full hour, so that slots of any length begin with it. */
export const START = 1_700_002_800_000;

const MB = 2 ** 20;

const JUDGED: Readonly<Record<string, Judgement>> = {
  responseTimeP95: {
    met: true,
    actual: 2_740.5,
    target: 3_000,
    unit: 'ms',
    bound: 'max',
    samples: 615,
    confidence: 'high',
  },
  throughputPerMinute: {
    met: null,
    actual: 10.25,
    target: 100,
    unit: 'perMinute',
    bound: 'min',
    samples: 615,
    confidence: 'high',
    reason: 'fewer requests arrived than the target asks for',
  },
  memoryUsage: { met: true, actual: 0.61, target: 0.8, unit: 'ratio', bound: 'max', samples: 60, confidence: 'high' },
  cpuUsage: { met: false, actual: 0.87, target: 0.8, unit: 'ratio', bound: 'max', samples: 3, confidence: 'low' },
  answerTokens: {
    met: true,
    actual: 712,
    target: 1_000,
    unit: 'count',
    bound: 'max',
    samples: 200,
    confidence: 'high',
  },
  goodAnswers: {
    met: null,
    actual: null,
    target: 0.95,
    unit: 'ratio',
    bound: 'min',
    samples: 0,
    confidence: 'low',
    reason: 'no values recorded',
  },
  indexAge: {
    met: null,
    actual: null,
    target: null,
    unit: 'count',
    bound: 'max',
    samples: 0,
    confidence: 'low',
    reason: 'its function threw: no connection',
  },
};

export const TARGETS: Readonly<Record<string, TargetResult>> = Object.fromEntries(
  Object.entries(JUDGED).map(([name, result]) => [name, { ...result, windowMs: 3_600_000 }]),
);

const alert = (fields: Partial<AlertStatus> & Pick<AlertStatus, 'name' | 'state'>): AlertStatus => ({
  severity: 'warning',
  since: START + 3_000_000,
  value: null,
  threshold: null,
  unit: null,
  condition: `${fields.name} is bad`,
  ...fields,
});

export const ALERTS: readonly AlertStatus[] = [
  alert({
    name: 'slow answers',
    severity: 'critical',
    state: 'firing',
    value: 3_412.75,
    threshold: 3_000,
    unit: 'ms',
    incident: 'slow-answers-1',
    condition: 'request p95 above 3000 ms over 5m',
  }),
  alert({ name: 'cpu', state: 'pending', value: 0.87, threshold: 0.8, unit: 'ratio', condition: 'cpuUsage not met' }),
  alert({
    name: 'errors',
    state: 'resolving',
    value: 0.02,
    threshold: 0.05,
    unit: 'ratio',
    incident: 'errors-7',
    condition: 'share of failed request above 0.05 over 5m',
  }),
  alert({ name: 'memory', severity: 'critical', state: 'inactive', value: 0.61, threshold: 0.9, unit: 'ratio' }),
  alert({ name: 'no data yet', state: 'inactive' }),
];

const incident = (fields: Partial<AlertEvent> & Pick<AlertEvent, 'incident' | 'name' | 'startedAt'>): AlertEvent => ({
  severity: 'warning',
  condition: `${fields.name} is bad`,
  value: 1,
  threshold: 2,
  worst: 3,
  unit: 'count',
  windowMs: 300_000,
  samples: 40,
  at: fields.resolvedAt ?? fields.startedAt,
  durationMs: (fields.resolvedAt ?? fields.startedAt) - fields.startedAt,
  ...fields,
});

/** Two that are over, and one that fires; oldest first. */
export const INCIDENTS: readonly AlertEvent[] = [
  incident({
    incident: 'errors-6',
    name: 'errors',
    condition: 'share of failed request above 0.05 over 5m',
    startedAt: START + 600_000,
    resolvedAt: START + 690_000,
    worst: 0.125,
    unit: 'ratio',
  }),
  incident({
    incident: 'slow-answers-0',
    name: 'slow answers',
    severity: 'critical',
    condition: 'request p95 above 3000 ms over 5m',
    startedAt: START + 1_200_000,
    resolvedAt: START + 1_500_000,
    value: 1_900,
    worst: 7_250,
    unit: 'ms',
    profile: '/var/profiles/cpu-1700005800000.cpuprofile',
  }),
  incident({
    incident: 'slow-answers-1',
    name: 'slow answers',
    severity: 'critical',
    condition: 'request p95 above 3000 ms over 5m',
    startedAt: START + 3_000_000,
    value: 3_412.75,
    worst: 3_412.75,
    unit: 'ms',
  }),
];

export const MARKS: readonly Mark[] = [
  { name: 'deploy', at: START + 1_200_000, metadata: { version: '2.3.1' } },
  { name: 'profile', at: START + 3_000_000, metadata: { file: 'cpu-1700005800000.cpuprofile' } },
];

export const ATTACHMENTS: readonly AttachmentReading[] = [
  {
    name: 'cache',
    kind: 'cache',
    counters: {
      hits: 400,
      misses: 215,
      memoryHits: 320,
      remoteHits: 80,
      staleHits: 5,
      loads: 210,
      loadMs: 189_400.5,
      savedMs: 402_118.25,
      evictions: 12,
    },
    gauges: { hitRate: 0.650_406_5, entries: 190, bytes: 2 * MB, inFlight: 3 },
    reasons: { missReasons: { absent: 180, expired: 25, tag: 6, 'not-confirmed': 4 } },
    states: { remote: 'closed', bus: 'live' },
  },
  {
    name: 'answers',
    kind: 'llm',
    counters: { hits: 30, misses: 170, savedTokens: 41_000 },
    gauges: { hitRate: 0.15, entries: 160 },
    reasons: { missReasons: { absent: 120, threshold: 50 } },
    states: {},
  },
  {
    name: 'processor',
    kind: 'processor',
    counters: { started: 1_015, succeeded: 1_000, failed: 15, waitMs: 5_120 },
    gauges: { queued: 4, running: 8, concurrency: 8, limit: 16 },
    reasons: { rejectReasons: { full: 2 } },
    states: { breaker: 'closed' },
  },
  {
    name: 'memory',
    kind: 'memory',
    counters: { trims: 2, freedBytes: 30 * MB },
    gauges: { share: 0.61 },
    reasons: {},
    states: { level: 'normal' },
  },
  {
    name: 'optimizer',
    kind: 'optimizer',
    counters: { optimized: 90, refused: 10 },
    gauges: {},
    reasons: { refusalReasons: { dialect: 10 } },
    states: {},
  },
];

export const RESOURCES: ResourceReading = {
  at: START + 3_599_000,
  memoryShare: 0.61,
  heapUsedBytes: 180 * MB,
  heapLimitBytes: 2_096 * MB,
  rssBytes: 312 * MB,
  externalBytes: 9 * MB,
  limitBytes: 512 * MB,
  limitSource: 'cgroup-v2',
  cpuShare: 0.87,
  processCpuShare: 0.52,
  eventLoopShare: 0.87,
  cores: 2,
  coresSource: 'cgroup-v2',
  level: 'normal',
};

export const PROFILES: readonly ProfileEntry[] = [
  {
    file: 'cpu-1700005800000.cpuprofile',
    path: '/var/profiles/cpu-1700005800000.cpuprofile',
    kind: 'cpu',
    startedAt: START + 3_000_000,
    ms: 10_000,
    bytes: 48_213,
    reason: 'slow answers',
    top: [
      { name: 'cosine', location: 'rank.js:12', self: 4_210.5, share: 0.42 },
      { name: '(garbage collector)', location: '', self: 800, share: 0.08 },
    ],
  },
  {
    file: 'heap-1700006000000.heapprofile',
    path: '/var/profiles/heap-1700006000000.heapprofile',
    kind: 'heap',
    startedAt: START + 3_200_000,
    ms: 10_000,
    bytes: 9_120,
    reason: 'on demand',
    top: [{ name: 'tokenize', location: 'text.js:40', self: 2_400_000, share: 0.6 }],
  },
];

/** 30 slow requests, the slowest first: a failed one, hits and misses, with and without stages and metadata. */
export function exemplarsAt(name: string, now: number): Exemplar[] {
  return Array.from({ length: 30 }, (_, i) => {
    const value = 7_000 - 200 * i;
    const hit = i % 5 === 4;
    return {
      name,
      at: now - 60_000 * (i + 1),
      value,
      labels: { cache: hit ? 'hit' : 'miss' },
      stages: hit
        ? []
        : [
            { name: 'retrieval', startMs: 1.5, ms: 60.25 },
            { name: 'rerank', startMs: 62, ms: 25 },
            { name: 'model', startMs: 90, ms: value - 100, labels: { model: 'large' } },
          ],
      metadata: i % 3 === 0 ? { requestId: `r-${i}`, tokens: 900 + i, cached: false } : {},
      ...(i === 0 ? { error: 'TimeoutError' } : {}),
    };
  });
}
