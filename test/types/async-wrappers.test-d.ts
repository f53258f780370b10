import { describe, expectTypeOf, it } from 'vitest';
import { type BatchingProcessor, batched } from '../../src/async/batched.js';
import type { BatchedLoad } from '../../src/async/batching/batched-load.js';
import { type LimitingProcessor, limited } from '../../src/async/limited.js';
import { compose } from '../../src/index.js';

interface User {
  readonly id: string;
}
declare const processor: LimitingProcessor & BatchingProcessor;
declare const ask: (question: string, user: User) => Promise<number[]>;

describe('limited', () => {
  it('keeps the function, whether its callbacks look at everything, something or nothing', () => {
    expectTypeOf(limited(processor)(ask)).toEqualTypeOf(ask);
    expectTypeOf(limited(processor, { tokens: 5, group: 'g', timeout: '1s' })(ask)).toEqualTypeOf(ask);
    expectTypeOf(limited(processor, { tokens: (question: string) => question.length })(ask)).toEqualTypeOf(ask);
    expectTypeOf(limited(processor, { settle: (vector: number[]) => vector.length })(ask)).toEqualTypeOf(ask);
    expectTypeOf(limited(processor, { group: (_question: string, user: User) => user.id })(ask)).toEqualTypeOf(ask);
    expectTypeOf(limited(processor)(async <T>(value: T) => value)('x' as const)).toEqualTypeOf<Promise<'x'>>();
    expectTypeOf(compose(ask, limited(processor))).toEqualTypeOf(ask);
  });

  it('takes the arguments of an attempt from those of the call and its context', () => {
    interface Options {
      readonly signal?: AbortSignal;
    }
    const told = async (question: string, options?: Options): Promise<string> =>
      `${question}${options?.signal?.aborted}`;
    const wrapped = limited(processor, {
      tokens: (question: string) => question.length,
      attemptArgs: ([question, options]: [question: string, options?: Options], { signal }) => [
        question,
        { ...options, signal },
      ],
    })(told);
    expectTypeOf(wrapped).toEqualTypeOf(told);
    // @ts-expect-error not the arguments that it takes
    limited(processor, { attemptArgs: ([question]: [question: string]) => [question.length] });
    // @ts-expect-error the arguments are those of another function
    limited(processor, { attemptArgs: ([n]: [n: number]) => [n] })(told);
    // @ts-expect-error no such client
    limited(processor, { client: 'openai' });
  });

  it('refuses a function that its callbacks cannot read, or that is sync', () => {
    // @ts-expect-error the tokens are those of a number
    limited(processor, { tokens: (question: number) => question })(ask);
    // @ts-expect-error settled by another result
    limited(processor, { settle: (answer: string) => answer.length })(ask);
    // @ts-expect-error synchronous
    limited(processor)((question: string) => question);
    // @ts-expect-error no such option
    limited(processor, { token: 1 });
  });

  it('finds its processor in the instance of the class it stands in, and of no other', () => {
    class Model {
      readonly processor = processor;
      @limited((self: Model) => self.processor, { tokens: (question: string) => question.length })
      async ask(question: string, deep?: boolean): Promise<string> {
        return deep ? question : '';
      }
    }
    class Other {
      // @ts-expect-error Other has no processor
      @limited((self: Model) => self.processor)
      async ask(question: string): Promise<string> {
        return question;
      }
    }
    expectTypeOf(new Model().ask).toEqualTypeOf<(question: string, deep?: boolean) => Promise<string>>();
    expectTypeOf<Other>().toBeObject();
  });
});

describe('batched around a function', () => {
  it('makes one of a single key', () => {
    const embed = batched(processor)(async (texts: string[]) => texts.map((text) => [text.length]));
    expectTypeOf(embed).toEqualTypeOf<BatchedLoad<string, number[]>>();
    expectTypeOf(embed('a')).toEqualTypeOf<Promise<number[]>>();
    // @ts-expect-error a key is a string
    embed(1);
  });

  it('leaves out what says that a key failed', () => {
    const load = batched(processor)(
      async (ids: readonly number[]): Promise<(User | Error)[]> => ids.map(() => new Error('absent')),
    );
    expectTypeOf(load(1)).toEqualTypeOf<Promise<User>>();
    const perKey = batched(processor)((ids: number[]) => ids.map(async (id): Promise<User> => ({ id: `${id}` })));
    expectTypeOf(perKey(1)).toEqualTypeOf<Promise<User>>();
  });

  it('must suit its options', () => {
    const byLength = batched(processor, { maxTokens: 100, tokens: (text: string) => text.length });
    expectTypeOf(byLength(async (texts: string[]) => texts)).toEqualTypeOf<BatchedLoad<string, string>>();
    // @ts-expect-error keys are texts
    byLength(async (ids: number[]) => ids);
    // @ts-expect-error not of many keys
    batched(processor)(async (id: string) => id);
  });
});

describe('batched as a decorator', () => {
  it('keeps the type of its method', () => {
    class Users {
      readonly processor = processor;
      @batched((self: Users) => self.processor, { keyOf: (id: string) => id })
      async byIds(ids: readonly string[]): Promise<User[]> {
        return ids.map((id) => ({ id }));
      }
      @batched(processor) static async names(ids: number[], fresh?: boolean): Promise<(string | Error)[]> {
        return ids.map((id) => `${id} ${fresh}`);
      }
    }
    expectTypeOf(new Users().byIds).toEqualTypeOf<(ids: readonly string[]) => Promise<User[]>>();
    expectTypeOf(Users.names([1])).toEqualTypeOf<Promise<(string | Error)[]>>();
  });

  it('is refused where it does not fit', () => {
    class Wrong {
      // @ts-expect-error one key
      @batched(processor) async byId(id: string): Promise<User[]> {
        return [{ id }];
      }
      // @ts-expect-error one result
      @batched(processor) async first(ids: string[]): Promise<User> {
        return { id: ids[0] ?? '' };
      }
      // @ts-expect-error synchronous
      @batched(processor) sync(ids: string[]): string[] {
        return ids;
      }
      // @ts-expect-error keys are texts
      @batched(processor, { keyOf: (id: string) => id }) async other(ids: number[]): Promise<number[]> {
        return ids;
      }
    }
    expectTypeOf<Wrong>().toBeObject();
  });
});
