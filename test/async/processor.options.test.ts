import { describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import { HotpathError, InvalidOptionError } from '../../src/core/errors.js';

const error = (make: () => unknown): unknown => {
  try {
    make();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
};

/** Each wrong value of an option: the option that the error names, and the options. */
const wrong = (path: string, values: readonly unknown[]): [string, unknown, AsyncProcessorOptions][] =>
  values.map((value) => {
    const [outer, inner] = path.split('.') as [string, string?];
    const given = inner === undefined ? value : { ...(outer === 'concurrency' ? adaptive : {}), [inner]: value };
    return [path, value, { [outer]: given } as AsyncProcessorOptions];
  });

const adaptive = { adaptive: true, max: 10 };
const notSpans = [-1, Number.NaN, '5', '5 s', '-1s', {}];

describe('options of an AsyncProcessor', () => {
  it('need not be given', () => {
    expect(new AsyncProcessor().stats()).toMatchObject({ limit: 8, active: 0, queued: 0 });
    expect(new AsyncProcessor({}).name).toBe('default');
  });

  it('may be undefined, which is to be absent', () => {
    const none = {
      concurrency: undefined,
      retry: undefined,
      timeout: undefined,
      rateLimit: undefined,
      other: undefined,
    };
    expect(new AsyncProcessor(none as never).stats().limit).toBe(8);
  });

  it.each([
    // Endless slots would pull an endless input.
    ...wrong('concurrency', [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '8', true]),
    ...wrong('concurrency.adaptive', [false, 'yes', 1]),
    ...wrong('concurrency.min', [0, -1, 'x']),
    ...wrong('concurrency.max', [0, 0.5, '10', Number.POSITIVE_INFINITY]),
    ...wrong('concurrency.initial', [0, 11, '1']),
    ...wrong('concurrency.backoff', [0, 1, -1, Number.NaN, '0.5']),
    ...wrong('retry', [0, -1, 1.5, Number.NaN, true, '3', null]),
    ...wrong('retry.attempts', [0, -1, '3', Number.POSITIVE_INFINITY]),
    ...wrong('retry.backoff', [...notSpans, Number.POSITIVE_INFINITY]),
    ...wrong('retry.maxBackoff', [-1, Number.POSITIVE_INFINITY]),
    ...wrong('retry.maxRetryAfter', [-1, 'soon']),
    ...wrong('retry.maxElapsed', [-1, 'soon']),
    ...wrong('retry.budget', [-0.1, Number.NaN, '1']),
    ...wrong('retry.when', [true, 'always']),
    ...wrong('timeout', [0, null, ...notSpans]),
    ...wrong('rateLimit', [5, null, 'fast']),
    ...wrong('rateLimit.requestsPerMinute', [0, -1, 1.5, Number.NaN, '60', null]),
    ...wrong('rateLimit.tokensPerMinute', [0, -1, 1.5, Number.NaN, '60', null]),
    ...wrong('rateLimit.window', [0, -1, Number.POSITIVE_INFINITY, 'long']),
    ...wrong('rateLimit.spread', ['yes', 1]),
    ...wrong('rateLimit.store', [{}, 'redis://localhost', null]),
    ...wrong('rateLimit.key', ['', 5]),
    ...wrong('breaker', [5, null, 'yes']),
    ...wrong('breaker.window', [0, -1, 'x']),
    ...wrong('breaker.minCalls', [0, 1.5, '10']),
    ...wrong('breaker.failureRate', [0, 1.1, Number.NaN, '0.5']),
    ...wrong('breaker.consecutive', [0, -5, '5']),
    ...wrong('breaker.cooldown', [0, -1]),
    ...wrong('breaker.maxCooldown', [0, 'x']),
    ...wrong('queue', [5, null, 'long']),
    ...wrong('queue.max', [-1, 1.5, '10']),
    ...wrong('queue.policy', ['drop', 5]),
    ...wrong('queue.ageing', [0, -1, 'x']),
    ...wrong('grace', [-1, Number.POSITIVE_INFINITY, 'x']),
    ...wrong('closeTimeout', [-1, 'x']),
    ...wrong('mode', ['On', true, 5]),
    ...wrong('name', ['', 5]),
    ...wrong('logger', [5, 'console', {}]),
    ...wrong('clock', [5, {}, Date]),
    ...wrong('random', [0.5, 'x']),
  ])('%s must not be %o', (path, value, options) => {
    const thrown = error(() => new AsyncProcessor(options));
    expect(thrown).toBeInstanceOf(InvalidOptionError);
    expect(HotpathError.is(thrown)).toBe(true);
    expect(thrown).toMatchObject({ option: path, code: 'INVALID_OPTION' });
    const { message } = thrown as Error;
    expect(message.startsWith(`${path} must be `)).toBe(true);
    if (typeof value === 'string') expect(message).toContain(`got "${value}"`);
    if (typeof value === 'number') expect(message).toContain(`got ${value}`);
  });

  it.each([
    ['concurency', { concurency: 5 }],
    ['concurrency.maximum', { concurrency: { ...adaptive, maximum: 5 } }],
    ['retry.retries', { retry: { retries: 5 } }],
    ['rateLimit.rpm', { rateLimit: { rpm: 5 } }],
    ['breaker.threshold', { breaker: { threshold: 5 } }],
    ['queue.size', { queue: { size: 5 } }],
  ])('%s is not one of them', (path, options) => {
    expect(error(() => new AsyncProcessor(options as never))).toMatchObject({
      option: path,
      message: expect.stringContaining('options here are'),
    });
  });

  it('have a ceiling of concurrency that is not below its floor', () => {
    const options: AsyncProcessorOptions = { concurrency: { adaptive: true, min: 5, max: 4 } };
    expect(error(() => new AsyncProcessor(options))).toMatchObject({ option: 'concurrency.max' });
  });

  it.each([null, 5, 'fast'])('are not %o', (options) => {
    expect(error(() => new AsyncProcessor(options as never))).toMatchObject({ option: 'options' });
  });

  it('take what is at their borders', () => {
    const { POSITIVE_INFINITY: endless } = Number;
    new AsyncProcessor({ concurrency: { adaptive: true, min: 1, max: 1, initial: 1 } });
    new AsyncProcessor({ timeout: endless, closeTimeout: endless, grace: 0 });
    new AsyncProcessor({
      retry: { attempts: 1, backoff: 0, budget: endless, maxElapsed: endless, maxRetryAfter: endless },
    });
    new AsyncProcessor({ rateLimit: { requestsPerMinute: endless, tokensPerMinute: endless } });
    new AsyncProcessor({ queue: { max: endless, ageing: endless } });
    new AsyncProcessor({ breaker: { failureRate: 1, maxCooldown: 1 } });
  });
});

describe('options of its methods', () => {
  const processor = new AsyncProcessor();
  const fn = async () => {};
  const items = [1];

  /** What each method says to options. */
  const methods: readonly [string, (options: never) => Promise<unknown>][] = [
    ['run', async (options) => processor.run(fn, options)],
    ['process', async (options) => processor.process(items, fn, options)],
    ['stream', async (options) => processor.stream(items, fn, options).next()],
    ['processBatches', async (options) => processor.processBatches(items, 2, fn, options)],
    [
      'streamBatches',
      async (options) =>
        processor
          .streamBatches(
            items,
            typeof options === 'object' && options !== null ? { maxSize: 2, ...(options as object) } : options,
            fn,
          )
          .next(),
    ],
  ];

  const places: readonly [string, unknown][] = [
    ['priority', Number.NaN],
    ['priority', Number.POSITIVE_INFINITY],
    ['priority', '1'],
    ['group', 5],
    ['group', null],
    ['signal', {}],
    ['signal', new AbortController()],
    ['timeout', 0],
    ['timeout', -1],
    ['timeout', 'soon'],
    ['unheard', 5],
  ];
  const ofItems: readonly [string, unknown][] = [
    ['onError', 'ignore'],
    ['onError', true],
    ['tokens', 5],
    ['onProgress', 'yes'],
    ['total', -1],
    ['total', 1.5],
  ];
  const ofStreams: readonly [string, unknown][] = [
    ['ordered', 'yes'],
    ['buffer', 0],
    ['buffer', Number.POSITIVE_INFINITY],
    ['checkpoint', 5],
  ];

  it.each(methods)('%s: each wrong one is named', async (name, call) => {
    const isStream = name.startsWith('stream');
    for (const [option, value] of [...places, ...(name === 'run' ? [] : ofItems), ...(isStream ? ofStreams : [])]) {
      const refused = expect.objectContaining({ name: 'InvalidOptionError', option });
      await expect(call({ [option]: value } as never), `${option}: ${String(value)}`).rejects.toEqual(refused);
    }
    for (const options of [5, null, 'fast']) {
      await expect(call(options as never)).rejects.toMatchObject({ name: 'InvalidOptionError' });
    }
  });

  it('belong to their method', async () => {
    const others: Record<string, string[]> = {
      run: ['onError', 'ordered', 'total'],
      process: ['ordered', 'buffer', 'maxSize'],
      stream: ['sink', 'maxSize'],
      processBatches: ['sink', 'maxSize', 'ordered', 'checkpoint'],
      streamBatches: ['sink'],
    };
    for (const [name, call] of methods) {
      for (const option of others[name]!) {
        const refused = expect.objectContaining({ name: 'InvalidOptionError', option });
        await expect(call({ [option]: true } as never), `${name} ${option}`).rejects.toEqual(refused);
      }
    }
  });

  it('are tokens that are a number for run(), a function of the item for others', async () => {
    for (const tokens of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', () => 5]) {
      await expect(processor.run(fn, { tokens: tokens as never })).rejects.toMatchObject({
        name: 'InvalidOptionError',
      });
    }
  });

  it('need each other: maxTokens a count of tokens, a checkpoint of process() a sink', async () => {
    const checkpoint = { store: { load() {}, append() {}, save() {}, close() {} }, id: String } as never;
    await expect(processor.processBatches(items, 2, fn, { maxTokens: 5 })).rejects.toMatchObject({ option: 'tokens' });
    await expect(processor.process(items, fn, { checkpoint } as never)).rejects.toMatchObject({ option: 'sink' });
  });

  it('are checked before anything is pulled or called', async () => {
    let pulled = 0;
    const source: Iterable<number> = {
      [Symbol.iterator]: () => {
        pulled++;
        return [1].values();
      },
    };
    await expect(processor.process(source, fn, { priority: '1' as never })).rejects.toThrow(InvalidOptionError);
    await expect(processor.process(source, 'fn' as never)).rejects.toMatchObject({ option: 'fn' });
    await expect(processor.processBatches(source, 0, fn)).rejects.toMatchObject({ option: 'batchSize' });
    await expect(processor.processBatches(source, 1.5, fn)).rejects.toMatchObject({ option: 'batchSize' });
    expect(() => processor.stream(source, undefined as never)).toThrow('fn must be a function');
    expect(() => processor.streamBatches(source, { maxSize: 0 }, fn)).toThrow('maxSize must be');
    expect(() => processor.streamBatches(source, {} as never, fn)).toThrow('maxSize must be');
    expect(pulled).toBe(0);
  });

  it('of drain() are a timeout', async () => {
    await expect(processor.drain({ timeout: -1 })).rejects.toMatchObject({ option: 'timeout' });
  });
});
