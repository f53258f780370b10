import { type ChildProcess, fork } from 'node:child_process';
import type { CacheManager } from '../../src/cache/index.js';
import type { NodeConfig, RowRead } from './chaos-node.js';
import type { Burst, BurstResult, RepeatedReads, RepeatedResult } from './node-reads.js';
import type { History, SharedToken, Workload } from './random-workload.js';

type Method = 'get' | 'set' | 'delete' | 'invalidateTags' | 'invalidate' | 'clear' | 'stats';

/** What a node in another process can be asked. */
export interface NodeCommands {
  open: { args: NodeConfig; result: undefined };
  read: { args: RowRead; result: number };
  /** A method of its cache, with plain data for arguments. */
  call: { args: { readonly method: Method; readonly args: readonly unknown[] }; result: unknown };
  /** Loader runs so far. */
  loads: { args: undefined; result: number };
  burst: { args: Burst; result: BurstResult };
  readRepeatedly: { args: RepeatedReads; result: RepeatedResult };
  workload: { args: Workload; result: History };
  close: { args: undefined; result: undefined };
}

export interface NodeRequest {
  readonly id: number;
  readonly command: keyof NodeCommands;
  readonly args: unknown;
}

/** What a node says: an answer, that a loader has started, or a token for the others. */
export type NodeMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly loading: number }
  | { readonly token: SharedToken };

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** A node in a process of its own, as seen by the test. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #loading: ((row: number) => void)[] = [];
  readonly #exited: Promise<void>;
  readonly #killAtExit = (): void => void this.#child.kill('SIGKILL');
  #nextId = 0;
  /** Told of the tokens it gives out. */
  onToken: ((token: SharedToken) => void) | undefined;

  private constructor() {
    this.#child = fork(new URL('./node-child.ts', import.meta.url), [], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    process.once('exit', this.#killAtExit);
    this.#child.on('message', (message) => this.#read(message as NodeMessage));
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    void this.#exited.then(() => {
      process.off('exit', this.#killAtExit);
      for (const { reject } of this.#pending.values()) reject(new Error('the node has ended'));
      this.#pending.clear();
    });
  }

  /** Starts the process and opens its cache, connected where the server answers. */
  static async start(config: NodeConfig): Promise<NodeProcess> {
    const node = new NodeProcess();
    await node.ask('open', config);
    return node;
  }

  /** Starts as many processes as there are configurations, side by side. */
  static startAll(configs: readonly NodeConfig[]): Promise<NodeProcess[]> {
    return Promise.all(configs.map((config) => NodeProcess.start(config)));
  }

  ask<Name extends keyof NodeCommands>(
    command: Name,
    args: NodeCommands[Name]['args'],
  ): Promise<NodeCommands[Name]['result']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, command, args } satisfies NodeRequest, (error) => {
        if (error) reject(error);
      });
    });
  }

  read(read: RowRead): Promise<number> {
    return this.ask('read', read);
  }

  /** Calls a method of its cache. */
  call<Name extends Method>(method: Name, ...args: readonly unknown[]): ReturnType<CacheManager<number>[Name]> {
    return this.ask('call', { method, args }) as ReturnType<CacheManager<number>[Name]>;
  }

  /** Resolves when the next loader of the node has started. */
  nextLoad(): Promise<number> {
    return new Promise((resolve) => this.#loading.push(resolve));
  }

  /** Tells it of a token that another node gave out. */
  give(token: SharedToken): void {
    if (this.#child.connected) this.#child.send({ token });
  }

  /** SIGKILL, wherever it is. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    // The answer may be lost with the channel.
    this.ask('close', undefined).catch(() => {});
    await this.#exited;
    clearTimeout(timer);
  }

  #read(message: NodeMessage): void {
    if ('loading' in message) {
      for (const resolve of this.#loading.splice(0)) resolve(message.loading);
    } else if ('token' in message) {
      this.onToken?.(message.token);
    } else {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if ('error' in message) pending?.reject(new Error(message.error));
      else pending?.resolve(message.result as never);
    }
  }
}
