import { beforeEach, describe, expect, it } from 'vitest';
import { batched } from '../../src/async/batched.js';
import { RecordingProcessor } from './recording-processor.js';

const shared = new RecordingProcessor();
let calls: [who: string, keys: readonly string[]][] = [];

beforeEach(() => {
  calls = [];
});

class Users {
  static readonly label = 'Users';
  processor: RecordingProcessor | undefined;
  readonly name: string;
  constructor(processor: RecordingProcessor | undefined = shared, name = 'u') {
    this.processor = processor;
    this.name = name;
  }
  @batched((self: Users) => self.processor as RecordingProcessor, { maxSize: 4 })
  async byIds(ids: readonly string[], _fresh?: boolean): Promise<(string | Error)[]> {
    calls.push([this.name, [...ids]]);
    if (ids.includes('fatal')) throw Object.assign(new Error('HTTP 400'), { status: 400 });
    return ids.map((id) => (id === 'absent' ? new Error('absent') : `${this.name} ${id}`));
  }
  @batched(shared, { keyOf: (id: number) => id % 10 }) static async names(ids: number[]): Promise<string[]> {
    calls.push(['static', ids.map(String)]);
    return ids.map((id) => `${Users.label} ${id}`);
  }
}

describe('a method under a standard decorator', () => {
  it('is called once for calls that come together, each key once; each call gets its own in its order', async () => {
    const users = new Users();
    const answers = await Promise.all([users.byIds(['a', 'b']), users.byIds(['b', 'c']), users.byIds([])]);
    expect(answers).toEqual([['u a', 'u b'], ['u b', 'u c'], []]);
    expect(calls).toEqual([['u', ['a', 'b', 'c']]]);
  });

  it('is cut into batches of maxSize', async () => {
    const answer = await new Users().byIds(['a', 'b', 'c', 'd', 'e', 'a']);
    expect(answer).toEqual(['u a', 'u b', 'u c', 'u d', 'u e', 'u a']);
    expect(calls).toEqual([
      ['u', ['a', 'b', 'c', 'd']],
      ['u', ['e']],
    ]);
  });

  it('of two instances is not merged: each has its own batches', async () => {
    const [one, two] = [new Users(shared, 'one'), new Users(shared, 'two')];
    expect(await Promise.all([one.byIds(['a']), two.byIds(['a'])])).toEqual([['one a'], ['two a']]);
    expect(calls).toEqual([
      ['one', ['a']],
      ['two', ['a']],
    ]);
  });

  it('gives an Error that it answered with where it stands, and rejects for one that it threw', async () => {
    const users = new Users();
    const [withError, failed] = await Promise.allSettled([users.byIds(['a', 'absent']), users.byIds(['b', 'fatal'])]);
    expect(withError).toEqual({ status: 'fulfilled', value: ['u a', new Error('absent')] });
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'HTTP 400' } });
    expect(calls.at(-1)).toEqual(['u', ['fatal']]);
  });

  it('called with more than the keys is not merged: nothing that its caller said is dropped', async () => {
    const users = new Users();
    await Promise.all([users.byIds(['a'], true), users.byIds(['b'])]);
    expect(calls).toEqual([
      ['u', ['a']],
      ['u', ['b']],
    ]);
  });

  it('may be static, and have its keys told apart by options', async () => {
    expect(await Promise.all([Users.names([1, 11]), Users.names([2])])).toEqual([['Users 1', 'Users 1'], ['Users 2']]);
    expect(calls).toEqual([['static', ['1', '2']]]);
  });

  it('asks for its processor at each call, and makes one batcher of it', async () => {
    const users = new Users(new RecordingProcessor());
    const [first, second] = [users.processor!, new RecordingProcessor()];
    await users.byIds(['a']);
    await users.byIds(['b']);
    users.processor = second;
    await users.byIds(['c']);
    expect([first.batchers, second.batchers]).toEqual([1, 1]);
    expect([first.caller.calls.length, second.caller.calls.length]).toEqual([2, 1]);
  });

  it('is called as it is while the processor is off', async () => {
    const off = new RecordingProcessor();
    off.mode = 'off';
    const users = new Users(off);
    await Promise.all([users.byIds(['a']), users.byIds(['a'])]);
    expect(calls).toEqual([
      ['u', ['a']],
      ['u', ['a']],
    ]);
  });

  it('keeps name and length, and rejects where there is no processor', async () => {
    expect([Users.prototype.byIds.name, Users.prototype.byIds.length]).toEqual(['byIds', 2]);
    const users = new Users();
    users.processor = undefined;
    await expect(users.byIds(['a'])).rejects.toThrow('batched: the result of (self) => processor');
    expect(calls).toEqual([]);
  });
});
