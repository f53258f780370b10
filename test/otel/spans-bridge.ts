import * as api from '@opentelemetry/api';
import type { OtelBridge, OtelBridgeOptions } from '../../src/otel/index.js';
import { ManualClock } from '../manual-clock.js';
import { TraceSdk, testBridge } from './otel-sdk.js';
import { TimerFeed } from './timer-feed.js';

/** A feed of timers bridged to the trace SDK. */
export function spansOf(options: Partial<OtelBridgeOptions> = {}): {
  sdk: TraceSdk;
  feed: TimerFeed;
  bridge: OtelBridge;
} {
  const sdk = new TraceSdk();
  const feed = new TimerFeed();
  const bridge = testBridge(feed, { tracer: sdk.tracer, api, clock: new ManualClock(), ...options });
  return { sdk, feed, bridge };
}
