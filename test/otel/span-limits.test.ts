import * as api from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import type { TracerLike } from '../../src/otel/index.js';
import { ManualClock } from '../manual-clock.js';
import { msOf, TraceSdk, testBridge } from './otel-sdk.js';
import { spansOf } from './spans-bridge.js';
import { TimerFeed } from './timer-feed.js';

describe('spans are bounded', () => {
  it('by their number: the oldest of timers that do not end is ended as abandoned', () => {
    const { sdk, feed, bridge } = spansOf({ maxOpenSpans: 2 });
    const ends = ['a', 'b', 'c'].map((name) => feed.start(name));
    expect(sdk.spans.map(({ name, attributes }) => [name, attributes])).toEqual([['a', { 'hotpath.abandoned': true }]]);
    expect(bridge.stats()).toMatchObject({ openSpans: 2, abandonedSpans: 1 });
    for (const end of ends) end();
    expect(sdk.spans.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(bridge.stats()).toMatchObject({ openSpans: 0, abandonedSpans: 1, troubles: 0 });
  });

  it('by the bridge: closing it ends those that are open', async () => {
    const { sdk, feed, bridge } = spansOf();
    const end = feed.start('ask');
    await bridge.close();
    await bridge.close();
    end();
    feed.run('later');
    expect(sdk.spans.map(({ name }) => name)).toEqual(['ask']);
    expect(msOf(sdk.spans[0]!.endTime)).toBeGreaterThanOrEqual(feed.time);
  });
});

describe('trouble', () => {
  it('in a tracer does not reach the timer, and is logged once', () => {
    const warnings: object[] = [];
    const broken: TracerLike = {
      startSpan() {
        throw new Error('exporter down');
      },
    };
    const feed = new TimerFeed();
    const bridge = testBridge(feed, {
      tracer: broken,
      api,
      clock: new ManualClock(),
      logger: { debug() {}, info() {}, error() {}, warn: (data) => warnings.push(data) },
    });
    feed.run('ask');
    feed.run('ask');
    expect(warnings).toHaveLength(1);
    expect(bridge.stats()).toMatchObject({ troubles: 2, openSpans: 0 });
  });

  it('in a function of the mapping leaves that fact out', () => {
    const { sdk, feed, bridge } = spansOf({
      mapping: {
        model: {
          kind: 'gen_ai',
          operation: 'chat',
          provider: 'openai',
          model: () => {
            throw new Error('no model');
          },
          tokens: ({ metadata }) => ({ input: (metadata as { usage: { input: number } }).usage.input }),
        },
      },
    });
    feed.run('model', { metadata: { model: 'gpt-4o' } });
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({ 'gen_ai.request.model': 'gpt-4o' });
    expect(bridge.stats().troubles).toBeGreaterThan(0);
  });

  it('does not keep a span from being ended', () => {
    const { sdk, feed } = spansOf();
    const metadata = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('unreadable');
        },
      },
    );
    feed.run('ask', { metadata });
    expect(sdk.spans.map(({ name }) => name)).toEqual(['ask']);
  });
});

describe('noise', () => {
  it('is nothing where no spans are wanted', () => {
    const { sdk, feed } = spansOf({ spans: 'none' });
    feed.run('ask');
    expect(sdk.spans).toEqual([]);
  });

  it('is nothing of a trace that is not sampled: no stage is described', () => {
    const sdk = new TraceSdk(new AlwaysOffSampler());
    const started: string[] = [];
    const tracer: TracerLike = {
      startSpan(name, options, context) {
        started.push(name);
        return sdk.tracer.startSpan(name, options, context);
      },
    };
    const feed = new TimerFeed();
    const bridge = testBridge(feed, { tracer, api });
    feed.run('ask', { stages: [{ name: 'model', startMs: 0, ms: 1 }] });
    expect(started).toEqual(['ask']);
    expect(bridge.stats().openSpans).toBe(0);
  });
});
