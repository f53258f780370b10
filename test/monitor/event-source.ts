import { once } from 'node:events';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** An event as it came. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** What a browser's EventSource does, for tests: events are waited for one by one, and nothing is dropped. */
export class TestEventSource {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every line that is not an event: `retry: 2000`. */
  readonly fields: string[] = [];
  readonly #req: ClientRequest;
  readonly #res: IncomingMessage;
  readonly #events: StreamEvent[] = [];
  #wake: () => void = () => {};
  #isOver = false;
  #rest = '';

  private constructor(req: ClientRequest, res: IncomingMessage) {
    this.#req = req;
    this.#res = res;
    this.status = res.statusCode!;
    this.headers = res.headers;
    res.setEncoding('utf8');
    res.on('data', (text: string) => this.#read(text));
    res.on('error', () => {});
    res.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  static async open(port: number, path: string, headers: Record<string, string> = {}): Promise<TestEventSource> {
    const req = request({ port, path, headers, host: '127.0.0.1', agent: false });
    req.end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    req.on('error', () => {});
    return new TestEventSource(req, res);
  }

  /** The next event; `undefined` when the stream is over. */
  async next(): Promise<StreamEvent | undefined> {
    while (this.#events.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#events.shift();
  }

  /** The data of the next event, which must be of this name. */
  async nextOf<Data>(name: string): Promise<Data> {
    const event = await this.next();
    if (event?.name !== name) throw new Error(`expected ${name}, got ${event?.name ?? 'the end of the stream'}`);
    return JSON.parse(event.data) as Data;
  }

  /** Reads nothing more, so that the server's buffers fill up. */
  pause(): void {
    this.#res.pause();
  }

  close(): void {
    this.#req.destroy();
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if (fields.has('event')) this.#events.push({ name: fields.get('event')!, data: fields.get('data')! });
      else this.fields.push(block);
    }
    this.#wake();
  }
}
