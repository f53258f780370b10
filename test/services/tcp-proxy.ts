import { connect, createServer, type Server, type Socket } from 'node:net';
import { DelayLine } from './delay-line.js';
import { RespCommands } from './resp-commands.js';

/** A connection that has sent SUBSCRIBE carries the bus, any other the store. */
export type ConnectionKind = 'store' | 'bus';

interface Treatment {
  /** Milliseconds from client to server. */
  upMs: number;
  /** Milliseconds from server to client. */
  downMs: number;
  frozen: boolean;
  refused: boolean;
}

interface Link {
  kind: ConnectionKind;
  readonly client: Socket;
  readonly server: Socket;
  readonly up: DelayLine;
  readonly down: DelayLine;
}

const KINDS: readonly ConnectionKind[] = ['store', 'bus'];
const SUBSCRIBES: readonly string[] = ['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE'];

/** A TCP proxy in front of a Redis: it delays, freezes, cuts and refuses connections, those of the bus apart from those of the store. */
export class TcpProxy {
  readonly port: number;
  readonly url: string;
  /** How many commands went through, by name. */
  readonly commands = new Map<string, number>();
  readonly #server: Server;
  readonly #target: number;
  readonly #links = new Set<Link>();
  readonly #treatment: Record<ConnectionKind, Treatment> = {
    store: { upMs: 0, downMs: 0, frozen: false, refused: false },
    bus: { upMs: 0, downMs: 0, frozen: false, refused: false },
  };

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#target = target;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** In front of a port of the loopback interface. */
  static start(targetPort: number): Promise<TcpProxy> {
    return new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(new TcpProxy(server, typeof address === 'object' && address ? address.port : 0, targetPort));
      });
    });
  }

  connections(kind: ConnectionKind): number {
    return [...this.#links].filter((link) => link.kind === kind).length;
  }

  /** Bytes that go in from now on come out so much later, in each direction. Order is kept. */
  delay(delayMs: { readonly up?: number; readonly down?: number }, kinds: readonly ConnectionKind[] = KINDS): void {
    for (const kind of kinds) {
      this.#treatment[kind].upMs = delayMs.up ?? 0;
      this.#treatment[kind].downMs = delayMs.down ?? 0;
    }
  }

  /** Connections stay open, new ones are taken, and nothing passes. */
  freeze(kinds: readonly ConnectionKind[] = KINDS): void {
    this.#setFrozen(true, kinds);
  }

  /** Lets go what was held back. */
  thaw(kinds: readonly ConnectionKind[] = KINDS): void {
    this.#setFrozen(false, kinds);
  }

  /** Resets the open connections. */
  cut(kinds: readonly ConnectionKind[] = KINDS): void {
    for (const link of this.#links) if (kinds.includes(link.kind)) this.#reset(link);
  }

  /** Resets new connections: at once, or (bus alone) as soon as they subscribe. */
  refuse(kinds: readonly ConnectionKind[] = KINDS): void {
    for (const kind of kinds) this.#treatment[kind].refused = true;
  }

  /** Takes new connections again. */
  accept(kinds: readonly ConnectionKind[] = KINDS): void {
    for (const kind of kinds) this.#treatment[kind].refused = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #setFrozen(frozen: boolean, kinds: readonly ConnectionKind[]): void {
    for (const kind of kinds) this.#treatment[kind].frozen = frozen;
    for (const link of this.#links) this.#treat(link);
  }

  #treat(link: Link): void {
    const { frozen } = this.#treatment[link.kind];
    link.up.freeze(frozen);
    link.down.freeze(frozen);
  }

  #accept(client: Socket): void {
    if (this.#treatment.store.refused) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#target, host: '127.0.0.1' });
    client.setNoDelay(true);
    server.setNoDelay(true);
    const link: Link = {
      kind: 'store',
      client,
      server,
      up: new DelayLine(() => this.#treatment[link.kind].upMs, pass(server)),
      down: new DelayLine(() => this.#treatment[link.kind].downMs, pass(client)),
    };
    this.#links.add(link);
    this.#treat(link);
    const commands = new RespCommands();
    client.on('data', (chunk) => {
      if (this.#inspect(link, commands.read(chunk))) link.up.put(chunk);
    });
    client.on('end', () => link.up.put('end'));
    server.on('data', (chunk) => link.down.put(chunk));
    server.on('end', () => link.down.put('end'));
    for (const socket of [client, server]) {
      socket.on('error', () => this.#reset(link));
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#links.delete(link);
      });
    }
  }

  /** Counts commands and tells the bus by them. Answers whether the connection lives on. */
  #inspect(link: Link, names: readonly string[]): boolean {
    for (const name of names) this.commands.set(name, (this.commands.get(name) ?? 0) + 1);
    if (link.kind === 'bus' || !names.some((name) => SUBSCRIBES.includes(name))) return true;
    link.kind = 'bus';
    this.#treat(link);
    if (this.#treatment.bus.refused) this.#reset(link);
    return !this.#treatment.bus.refused;
  }

  #reset(link: Link): void {
    link.up.stop();
    link.down.stop();
    link.client.resetAndDestroy();
    link.server.resetAndDestroy();
    this.#links.delete(link);
  }
}

function pass(to: Socket): (chunk: Buffer | 'end') => void {
  return (chunk) => {
    if (chunk === 'end') to.end();
    else to.write(chunk);
  };
}
