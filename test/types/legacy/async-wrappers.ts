// Checked by tsc with `experimentalDecorators`: what NestJS applications compile with. Never run.
import { type BatchingProcessor, batched } from '../../../src/async/batched.js';
import { type LimitingProcessor, limited } from '../../../src/async/limited.js';

declare const processor: LimitingProcessor & BatchingProcessor;

export class Users {
  readonly processor = processor;
  @limited((self: Users) => self.processor, { tokens: (question: string) => question.length })
  async ask(question: string, deep?: boolean): Promise<string> {
    return deep ? question : '';
  }
  @limited((self: Users) => self.processor, {
    attemptArgs: ([question]: [question: string, signal?: AbortSignal], { signal }) => [question, signal],
  })
  async told(question: string, signal?: AbortSignal): Promise<string> {
    return signal?.aborted ? question : '';
  }
  @batched((self: Users) => self.processor, { keyOf: (id: string) => id })
  async byIds(ids: readonly string[]): Promise<number[]> {
    return ids.map((id) => id.length);
  }
  @batched(processor) static async names(ids: number[]): Promise<(string | Error)[]> {
    return ids.map(String);
  }
}

export class Wrong {
  // @ts-expect-error synchronous
  @limited(processor) sync(question: string): string {
    return question;
  }
  // @ts-expect-error the tokens are those of a number
  @limited(processor, { tokens: (n: number) => n }) async ask(question: string): Promise<string> {
    return question;
  }
  // @ts-expect-error Wrong has no processor
  @limited((self: Users) => self.processor)
  async other(question: string): Promise<string> {
    return question;
  }
  // @ts-expect-error one key
  @batched(processor) async byId(id: string): Promise<string[]> {
    return [id];
  }
  // @ts-expect-error one result
  @batched(processor) async first(ids: string[]): Promise<string> {
    return ids[0] ?? '';
  }
}
