import { beforeEach, describe, expect, it } from 'vitest';
import { batched } from '../../src/async/batched.js';
import type { BatcherOptions } from '../../src/async/batching/batcher-options.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import { RecordingProcessor } from './recording-processor.js';

let processor: RecordingProcessor;
let batches: string[][];

beforeEach(() => {
  processor = new RecordingProcessor();
  batches = [];
});

async function embedMany(texts: string[]): Promise<number[]> {
  batches.push([...texts]);
  return texts.map((text) => text.length);
}

describe('a function of many keys', () => {
  it('becomes one of a single key, whose calls are batched', async () => {
    const embed = batched(processor)(embedMany);
    expect(await Promise.all([embed('a'), embed('bb'), embed('a')])).toEqual([1, 2, 1]);
    expect(batches).toEqual([['a', 'bb']]);
    expect([embed.name, embed.length, embed.pending]).toEqual(['embedMany', 1, 0]);
  });

  it('has the options of a batcher', async () => {
    const embed = batched(processor, { maxTokens: 3, tokens: (text: string) => text.length, group: 'g' })(embedMany);
    await Promise.all([embed('aa'), embed('bb'), embed('c')]);
    expect(batches).toEqual([['aa'], ['bb', 'c']]);
    expect(processor.caller.calls).toMatchObject([
      { tokens: 2, group: 'g' },
      { tokens: 3, group: 'g' },
    ]);
  });

  it('lets a caller leave', async () => {
    const embed = batched(processor)(embedMany);
    const controller = new AbortController();
    const load = embed('a', { signal: controller.signal });
    controller.abort(new Error('left'));
    await expect(load).rejects.toThrow('left');
  });
});

describe('bad use', () => {
  it('is refused where it is applied', () => {
    expect(() => batched(processor, { maxSize: 0 })).toThrow(/^maxSize must be/);
    expect(() => batched(processor, { max: 1 } as BatcherOptions<unknown>)).toThrow(/^max must be absent/);
    expect(() => batched({} as never)).toThrow(/^the first argument of batched must be an AsyncProcessor/);
    expect(() => batched(processor)('x' as never)).toThrow('batched wraps functions and methods');
    const find = () => batched(() => processor)(embedMany);
    expect(find).toThrow(InvalidOptionError);
    expect(find).toThrow('around a function must be an AsyncProcessor');
  });
});
