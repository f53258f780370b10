import 'reflect-metadata';
import { beforeEach, describe, expect, it } from 'vitest';
import { limited } from '../../src/async/limited.js';
import { RecordingProcessor } from './recording-processor.js';

const shared = new RecordingProcessor();

beforeEach(() => {
  shared.runs.length = 0;
});

class Model {
  static readonly label = 'Model';
  readonly processor: RecordingProcessor | undefined;
  readonly name: string;
  constructor(processor: RecordingProcessor | undefined, name = 'm') {
    this.processor = processor;
    this.name = name;
  }
  @limited((self: Model) => self.processor as RecordingProcessor, { tokens: (question: string) => question.length })
  async ask(question: string, _more?: boolean): Promise<string> {
    return `${this.name}: ${question}`;
  }
  @limited((self: Model) => self.processor as RecordingProcessor, {
    attemptArgs: ([question]: [question: string, signal?: AbortSignal], { signal }) => [question, signal],
  })
  async told(question: string, signal?: AbortSignal): Promise<string> {
    return `${this.name}: ${question} ${signal?.aborted}`;
  }
  @limited(shared, { group: 'static' }) static async version(): Promise<string> {
    return Model.label;
  }
}
class Better extends Model {
  override async ask(question: string): Promise<string> {
    return `better ${await super.ask(question)}`;
  }
}

describe('a method under a standard decorator', () => {
  it('goes through the processor of its instance', async () => {
    const [one, two] = [new RecordingProcessor(), new RecordingProcessor()];
    expect(await new Model(one).ask('why')).toBe('m: why');
    expect(await new Model(two, 'n').ask('how so')).toBe('n: how so');
    expect([one.runs, two.runs]).toEqual([[{ tokens: 3 }], [{ tokens: 6 }]]);
  });

  it('is handed what its attempt gives it', async () => {
    const one = new RecordingProcessor();
    expect(await new Model(one).told('why')).toBe('m: why false');
    one.mode = 'off';
    expect(await new Model(one).told('why')).toBe('m: why undefined');
  });

  it('may be static, and overridden', async () => {
    expect(await Model.version()).toBe('Model');
    expect(shared.runs).toEqual([{ group: 'static' }]);
    const one = new RecordingProcessor();
    expect(await new Better(one).ask('x')).toBe('better m: x');
    expect(one.runs).toEqual([{ tokens: 1 }]);
  });

  it('keeps name and length', () => {
    expect([Model.prototype.ask.name, Model.prototype.ask.length]).toEqual(['ask', 2]);
  });

  it('is not called without its limits: no processor is a rejection', async () => {
    await expect(new Model(undefined).ask('x')).rejects.toThrow(
      'limited: the result of (self) => processor must be an AsyncProcessor, got undefined',
    );
  });
});
