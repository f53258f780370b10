import type { OtelBridge } from '../../src/otel/index.js';
import { ManualClock } from '../manual-clock.js';
import type { ReaderDouble } from '../monitor/reader-double.js';
import { MetricsSdk, testBridge } from './otel-sdk.js';

/** A reader bridged to the metrics SDK, and what the bridge warns of. */
export function metricsOf(
  reader: ReaderDouble,
  options: { runtime?: boolean; attributes?: Record<string, string> } = {},
): { sdk: MetricsSdk; bridge: OtelBridge; warnings: string[] } {
  const sdk = new MetricsSdk();
  const warnings: string[] = [];
  const bridge = testBridge(
    { id: 'm1', reader },
    {
      meter: sdk.meter,
      clock: new ManualClock(),
      logger: { debug() {}, info() {}, error() {}, warn: (_data, message = '') => warnings.push(message) },
      ...options,
    },
  );
  return { sdk, bridge, warnings };
}
