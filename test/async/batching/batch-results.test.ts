import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { BatchResultError, batchResults, FailedItem } from '../../../src/async/batching/batch-results.js';

describe('the answer of a function that was given a batch', () => {
  it('is one result for each item: the very array', async () => {
    const answer = [1, null, undefined, { a: 1 }, 'x'];
    expect(batchResults(answer, 5)).toBe(answer);
    expect(batchResults([], 0)).toEqual([]);
  });

  it('may be nothing: undefined for each', () => {
    expect(batchResults(undefined, 2)).toEqual([undefined, undefined]);
  });

  it('fails the items that it has an Error for, of any realm', () => {
    const mine = new TypeError('a');
    const theirs = runInNewContext('new Error("b")') as Error;
    expect(batchResults([1, mine, theirs], 3)).toEqual([1, new FailedItem(mine), new FailedItem(theirs)]);
  });

  it('may hold promises, which are waited for: one that rejects fails its item', async () => {
    const error = new Error('late');
    const answer = [Promise.resolve(1), 2, Promise.reject(error), Promise.resolve(new Error('as a value'))];
    expect(await batchResults(answer, 4)).toEqual([
      1,
      2,
      new FailedItem(error),
      new FailedItem(new Error('as a value')),
    ]);
  });

  it('leaves an object alone whose getters throw', () => {
    const hostile = Object.defineProperty({}, 'then', {
      get() {
        throw new Error('then');
      },
    });
    expect(batchResults([hostile], 1)).toEqual([hostile]);
  });

  it('says what is wrong with it otherwise', () => {
    const messageOf = (answer: unknown, size: number) => {
      const result = batchResults(answer, size);
      expect(result).toBeInstanceOf(BatchResultError);
      return (result as BatchResultError).message;
    };
    expect(messageOf([1, 2], 3)).toContain('given 3 items must answer with an array of 3');
    expect(messageOf([1, 2], 3)).toContain('got an array of 2');
    expect(messageOf([1, 2], 1)).toContain('given 1 item must');
    expect(messageOf(new Map(), 1)).toContain('got an instance of Map');
    expect(messageOf(null, 1)).toContain('got null');
    expect(messageOf('ab', 2)).toContain('got "ab"');
    expect(new BatchResultError(1, null).code).toBe('BATCH_RESULT');
  });
});
