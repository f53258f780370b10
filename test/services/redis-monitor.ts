import { connect, type Socket } from 'node:net';

/** One command as MONITOR shows it. */
export interface MonitoredCommand {
  /** The server's clock, in seconds. */
  readonly at: number;
  /** `host:port` of the client, or `lua` for a command of a script. */
  readonly client: string;
  /** Upper case. */
  readonly name: string;
  /** Escaped as MONITOR escapes them. */
  readonly args: readonly string[];
}

/** What a server is asked, as it happens. */
export class MonitorLog {
  readonly commands: MonitoredCommand[] = [];
  readonly #socket: Socket;
  #rest = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static start(port: number): Promise<MonitorLog> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('MONITOR\r\n'));
      const log = new MonitorLog(socket);
      socket.setEncoding('latin1');
      socket.once('data', () => resolve(log));
      socket.on('data', (text: string) => log.#read(text));
      socket.once('error', reject);
      // After the start, the end of the server is the end of the log.
      socket.on('error', () => {});
    });
  }

  /** How often each command was sent, by name. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { name } of this.commands) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  /** Forgets what was seen so far. */
  clear(): void {
    this.commands.length = 0;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const command = parseMonitorLine(line);
      if (command) this.commands.push(command);
    }
  }
}

/** `+1700000000.123456 [0 127.0.0.1:5000] "SET" "key" "a\"b"`; `undefined` for any other line. */
export function parseMonitorLine(line: string): MonitoredCommand | undefined {
  const head = /^\+(\d+\.\d+) \[\d+ ([^\]]+)\] (.*)$/s.exec(line);
  if (!head) return undefined;
  const words = [...head[3]!.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((word) => word[1]!);
  const [name = '', ...args] = words;
  return { at: Number(head[1]), client: head[2]!, name: name.toUpperCase(), args };
}
