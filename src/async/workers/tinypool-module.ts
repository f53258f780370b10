import { peerError } from '../../core/optional-peer.js';

/** The part of the package tinypool that is used, by shape. */
export type TinypoolClass = new (options: { readonly minThreads: number; readonly maxThreads: number }) => TinypoolLike;

export interface TinypoolLike {
  readonly threads: readonly WorkerLike[];
  run(task: unknown, options: { filename: string; name: string; transferList: readonly object[] }): Promise<unknown>;
  destroy(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

export interface WorkerLike {
  once(event: 'exit', listener: (code: number) => void): void;
}

/** Loads the optional peer tinypool. Rejects with `MISSING_PEER` where it is not installed. */
export async function loadTinypool(): Promise<TinypoolClass> {
  try {
    return ((await import('tinypool')) as unknown as { Tinypool: TinypoolClass }).Tinypool;
  } catch (error) {
    throw peerError(error, 'tinypool', 'runInWorkers');
  }
}
