import { describe, expectTypeOf, it } from 'vitest';
import type {
  AsyncEvents,
  AsyncProcessor,
  Estimate,
  JobSummary,
  Outcome,
  ProcessorStats,
  ResponseObserver,
} from '../../src/async/index.js';
import type { Attachable, ProcessorLike } from '../../src/monitor/index.js';

interface Document {
  readonly text: string;
}
declare const processor: AsyncProcessor;
declare const documents: readonly Document[];
declare const feed: AsyncIterable<Document>;
declare const embed: (document: Document) => Promise<Float32Array>;

describe('run', () => {
  it('answers with what the function does, promise or not', () => {
    expectTypeOf(processor.run(async ({ attempt }) => attempt)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(processor.run(() => 'now')).toEqualTypeOf<Promise<string>>();
    // @ts-expect-error: what is run is a function
    processor.run(Promise.resolve(1));
    // @ts-expect-error: it is called `priority`
    processor.run(() => 1, { prio: 2 });
  });

  it('gives the function what it needs to stop, settle and tell of headers', () => {
    processor.run(({ signal, settle, headers }) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      settle(12);
      headers(new Headers());
      headers({ 'retry-after': '2' });
      // @ts-expect-error: a number of tokens
      settle('12');
    });
  });
});

describe('process', () => {
  it('answers with results, or with outcomes where errors are settled', () => {
    expectTypeOf(processor.process(documents, embed)).resolves.toEqualTypeOf<Float32Array[]>();
    expectTypeOf(processor.process(feed, embed, { onError: 'skip' })).resolves.toEqualTypeOf<Float32Array[]>();
    expectTypeOf(processor.process(documents, embed, { onError: 'settle' })).resolves.toEqualTypeOf<
      Outcome<Document, Float32Array>[]
    >();
  });

  it('answers with a summary where outcomes go to a sink', () => {
    const summary = processor.process(feed, embed, {
      sink: async (outcome) => {
        expectTypeOf(outcome).toEqualTypeOf<Outcome<Document, Float32Array>>();
        if (outcome.status === 'fulfilled') expectTypeOf(outcome.value).toEqualTypeOf<Float32Array>();
        // @ts-expect-error: only a rejected one has a reason
        else expectTypeOf(outcome.value).toEqualTypeOf<Float32Array>();
      },
    });
    expectTypeOf(summary).resolves.toEqualTypeOf<JobSummary>();
  });

  it('knows the item in every callback', () => {
    processor.process(documents, (document, { index }) => `${index}${document.text}`, {
      tokens: ({ text }) => text.length,
      onProgress: ({ etaMs }) => expectTypeOf(etaMs).toEqualTypeOf<number | undefined>(),
    });
    // @ts-expect-error: the function takes documents, not numbers
    processor.process([1, 2], embed);
    // @ts-expect-error: a number is no source
    processor.process(3, embed);
  });
});

describe('streams and batches', () => {
  it('give outcomes of single items', () => {
    expectTypeOf(processor.stream(feed, embed, { ordered: true })).toEqualTypeOf<
      AsyncIterableIterator<Outcome<Document, Float32Array>, undefined>
    >();
    const lengths = async (batch: readonly Document[]) => batch.map(({ text }) => text.length);
    expectTypeOf(processor.processBatches(documents, 96, lengths)).resolves.toEqualTypeOf<number[]>();
    expectTypeOf(processor.processBatches(documents, 96, lengths, { onError: 'settle' })).resolves.toEqualTypeOf<
      Outcome<Document, number>[]
    >();
    expectTypeOf(processor.streamBatches(feed, { maxSize: 96 }, lengths)).toEqualTypeOf<
      AsyncIterableIterator<Outcome<Document, number>, undefined>
    >();
  });

  it('load single keys through a function of many', () => {
    const load = processor.batcher(async (ids: string[]) => ids.map((id) => ({ id })), { maxSize: 50, maxWait: '5ms' });
    expectTypeOf(load('a')).resolves.toEqualTypeOf<{ id: string }>();
    // @ts-expect-error: keys are strings
    load(1);
  });
});

it('estimates, counts and tells', () => {
  expectTypeOf(
    processor.estimate(documents, { tokens: ({ text }) => text.length, price: 0.1 }),
  ).resolves.toEqualTypeOf<Estimate>();
  expectTypeOf(processor.stats()).toEqualTypeOf<ProcessorStats>();
  processor.on('retry', (event) => expectTypeOf(event).toEqualTypeOf<AsyncEvents['retry']>());
  // @ts-expect-error: there is no such event
  processor.on('retried', () => {});
});

it('fits what a monitor attaches, and what a fetch of ours tells', () => {
  expectTypeOf(processor).toExtend<ProcessorLike>();
  expectTypeOf(processor).toExtend<Attachable>();
  expectTypeOf(processor).toExtend<ResponseObserver>();
});
