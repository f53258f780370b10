import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LimitedOptions, limited } from '../../src/async/limited.js';
import { isPermanent } from '../../src/async/retry/permanent.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import { RecordingProcessor } from './recording-processor.js';

let processor: RecordingProcessor;

beforeEach(() => {
  processor = new RecordingProcessor();
});

const ask = async (question: string, user = 'nobody') => `${user}: ${question}`;

describe('a limited function', () => {
  it('goes through the processor, with its arguments and its result', async () => {
    expect(await limited(processor)(ask)('why', 'me')).toBe('me: why');
    expect(processor.runs).toEqual([{}]);
  });

  it('is called with options that are fixed', async () => {
    const wrapped = limited(processor, { tokens: 5, group: 'g', priority: -1, timeout: '2s' })(ask);
    await wrapped('a');
    await wrapped('b');
    const options = { tokens: 5, group: 'g', priority: -1, timeout: 2_000 };
    expect(processor.runs).toEqual([options, options]);
  });

  it('is called with options made of its arguments', async () => {
    const { signal } = new AbortController();
    const wrapped = limited(processor, {
      tokens: (question: string) => question.length,
      group: (_question: string, user?: string) => user ?? 'none',
      priority: (question: string) => (question === 'urgent' ? 1 : 0),
      signal: (question: string) => (question === 'urgent' ? signal : undefined),
    })(ask);
    await wrapped('urgent', 'me');
    await wrapped('no');
    expect(processor.runs).toEqual([
      { tokens: 6, group: 'me', priority: 1, signal },
      { tokens: 2, group: 'none', priority: 0 },
    ]);
  });

  it('settles what its result says it has used', async () => {
    await limited(processor, { tokens: 9, settle: (answer: string) => answer.length })(ask)('x', 'y');
    expect(processor.settled).toEqual([4]);
  });

  it('has its result also where settle fails, which is reported', async () => {
    const broken: ((answer: string) => number)[] = [
      () => {
        throw new Error('settle');
      },
      () => Number.NaN,
      () => -1,
    ];
    for (const settle of broken) expect(await limited(processor, { settle })(ask)('x')).toBe('nobody: x');
    expect(processor.settled).toEqual([]);
    expect(processor.troubles.map(({ during }) => during)).toEqual(Array(3).fill('settle of limited'));
  });

  it('rejects, and is not called, where its options cannot be made', async () => {
    let calls = 0;
    const counted = async (_question: string) => ++calls;
    const cannot = (): never => {
      throw new Error('cannot');
    };
    const wrong: [LimitedOptions<[string], number>, string][] = [
      [{ tokens: cannot }, 'cannot'],
      [{ group: cannot }, 'cannot'],
      [{ signal: cannot }, 'cannot'],
      [{ tokens: () => -1 }, 'tokens must be'],
      [{ group: () => 4 as never }, 'group must be'],
      [{ priority: () => Number.NaN }, 'priority must be'],
    ];
    for (const [options, message] of wrong) {
      await expect(limited(processor, options)(counted)('x')).rejects.toThrow(message);
    }
    expect([calls, processor.runs]).toEqual([0, []]);
  });

  it('fails with its own error, untouched', async () => {
    const error = new Error('mine');
    const failing = limited(processor, { settle: () => 1 })(async () => {
      throw error;
    });
    await expect(failing()).rejects.toBe(error);
    expect(processor.settled).toEqual([]);
  });

  it('is called with arguments made of its own and of its attempt', async () => {
    const calls: unknown[][] = [];
    const told = async (question: string, options?: { n?: number; signal?: AbortSignal }) => {
      calls.push([question, options]);
      return question;
    };
    const wrapped = limited(processor, {
      tokens: (question: string) => question.length,
      settle: (answer: string) => answer.length,
      attemptArgs: (
        [question, options]: [question: string, options?: { n?: number; signal?: AbortSignal }],
        { signal },
      ) => [question, { ...options, signal }],
    })(told);
    await wrapped('why', { n: 1 });
    await wrapped('how');
    expect(calls).toEqual([
      ['why', { n: 1, signal: expect.any(AbortSignal) }],
      ['how', { signal: expect.any(AbortSignal) }],
    ]);
    expect([processor.runs, processor.settled]).toEqual([
      [{ tokens: 3 }, { tokens: 3 }],
      [3, 3],
    ]);
    processor.mode = 'off';
    await wrapped('off', { n: 2 });
    expect(calls.at(-1)).toEqual(['off', { n: 2 }]);
  });

  it('rejects, and is not called, where the arguments of its attempt cannot be made', async () => {
    let calls = 0;
    const counted = async (_question: string) => ++calls;
    const error = new Error('cannot');
    const cannot = (): never => {
      throw error;
    };
    await expect(limited(processor, { attemptArgs: cannot })(counted)('x')).rejects.toBe(error);
    expect(isPermanent(error)).toBe(true);
    const none = limited(processor, { attemptArgs: () => 'x' as never })(counted);
    await expect(none('x')).rejects.toThrow('the result of attemptArgs must be an array of arguments');
    expect(calls).toBe(0);
  });

  it('is called as it is while the processor is off: nothing is counted, its very promise is given back', async () => {
    processor.mode = 'off';
    const promise = Promise.resolve('own');
    expect(limited(processor, { tokens: () => Number.NaN })(() => promise)()).toBe(promise);
    await promise;
    expect(processor.runs).toEqual([]);
  });

  it('keeps its name and length, and its receiver', async () => {
    const model = {
      name: 'm',
      async ask(question: string) {
        return `${this.name} ${question}`;
      },
    };
    const original = model.ask;
    model.ask = limited(processor)(model.ask);
    expect([model.ask.name, model.ask.length]).toEqual([original.name, original.length]);
    expect(await model.ask('x')).toBe('m x');
  });
});

describe('bad use', () => {
  it('is refused where it is applied', () => {
    const bad: [unknown, string][] = [
      [{ tokens: -1 }, 'tokens'],
      [{ tokens: '5' }, 'tokens'],
      [{ settle: 5 }, 'settle'],
      [{ group: 5 }, 'group'],
      [{ priority: Number.POSITIVE_INFINITY }, 'priority'],
      [{ timeout: 0 }, 'timeout'],
      [{ signal: new AbortController().signal }, 'signal'],
      [{ attemptArgs: [] }, 'attemptArgs'],
      [{ client: 'openai' }, 'client'],
      [{ token: 1 }, 'token'],
      [null, 'options'],
    ];
    for (const [options, option] of bad) {
      const apply = () => limited(processor, options as LimitedOptions<never[], never>);
      expect(apply).toThrow(InvalidOptionError);
      expect(apply).toThrow(new RegExp(`^${option} must be`));
    }
    expect(() => limited({} as never)).toThrow(/^the first argument of limited must be an AsyncProcessor/);
    expect(() => limited(processor)(5 as never)).toThrow('limited wraps functions and methods');
  });
});

describe('a client that retries by itself', () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  const emitted = () => new Promise<void>((resolve) => setImmediate(resolve));

  beforeEach(() => {
    warnings.length = 0;
    process.on('warning', note);
    processor.retries = true;
  });
  afterEach(() => {
    process.off('warning', note);
  });

  const client = (fields: object) => ({
    ...fields,
    create: limited(processor)(async (_body: object, _options?: object) => 'answer'),
  });

  it('is warned of once, found in the receiver or behind it', async () => {
    for (const fields of [{ maxRetries: 2 }, { _client: { maxRetries: 2 } }]) {
      warnings.length = 0;
      const resource = client(fields);
      await resource.create({});
      await resource.create({});
      await emitted();
      expect(warnings).toMatchObject([{ code: 'HOTPATH_RETRIES_TWICE' }]);
      expect(warnings[0]!.message).toContain('2 times');
    }
  });

  it('is not warned of where only one of the two retries', async () => {
    await client({ maxRetries: 0 }).create({});
    await client({ _client: { maxRetries: 0 } }).create({});
    await client({}).create({});
    await client({ maxRetries: 2 }).create({}, { maxRetries: 0 });
    processor.retries = false;
    await client({ maxRetries: 2 }).create({});
    await emitted();
    expect(warnings).toEqual([]);
  });

  it('is warned of behind closures and bound methods where it is named', async () => {
    const openai = {
      maxRetries: 2,
      async create(_body: object, _options?: object) {
        return 'answer';
      },
    };
    await limited(processor)((body: object) => openai.create(body))({});
    await limited(processor)(openai.create.bind(openai))({});
    await emitted();
    expect(warnings).toEqual([]);
    await limited(processor, { client: openai })((body: object) => openai.create(body))({});
    await limited(processor, { client: openai })(openai.create.bind(openai))({});
    await emitted();
    expect(warnings).toMatchObject([{ code: 'HOTPATH_RETRIES_TWICE' }]);
  });

  it('is not warned of where the arguments of the attempt switch its retries off', async () => {
    const openai = { maxRetries: 2 };
    const once = { maxRetries: 0 };
    await limited(processor, {
      client: openai,
      attemptArgs: ([body]: [body: object, options?: object]) => [body, once],
    })(async (_body: object, _options?: object) => 'answer')({});
    await emitted();
    expect(warnings).toEqual([]);
  });

  it('is looked for without harm', async () => {
    const hostile = client({});
    Object.defineProperty(hostile, 'maxRetries', {
      get() {
        throw new Error('getter');
      },
    });
    expect(await hostile.create({})).toBe('answer');
    const options = Object.defineProperty({}, 'maxRetries', Object.getOwnPropertyDescriptor(hostile, 'maxRetries')!);
    expect(await client({ maxRetries: 2 }).create({}, options)).toBe('answer');
  });
});
