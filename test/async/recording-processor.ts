import { type BatchedLoad, batchedLoad } from '../../src/async/batching/batched-load.js';
import { Batcher, type LoadMany } from '../../src/async/batching/batcher.js';
import type { BatcherOptions } from '../../src/async/batching/batcher-options.js';
import type { CallContext } from '../../src/async/call-context.js';
import { DeadlineHeap } from '../../src/async/deadline-heap.js';
import type { RunOptions } from '../../src/async/work-options.js';
import type { Mode } from '../../src/core/mode.js';
import { ManualClock } from '../manual-clock.js';
import { RecordingCaller } from './batching/recording-caller.js';

/** The part of a processor that wrappers use: makes calls at once and notes what it was asked. */
export class RecordingProcessor {
  mode: Mode = 'on';
  retries = false;
  readonly runs: RunOptions[] = [];
  readonly settled: number[] = [];
  readonly troubles: { error: unknown; during: string }[] = [];
  readonly caller: RecordingCaller = new RecordingCaller();
  readonly deadlines: DeadlineHeap = new DeadlineHeap(new ManualClock());
  batchers = 0;

  async run<R>(fn: (context: CallContext) => R | PromiseLike<R>, options: RunOptions = {}): Promise<R> {
    this.runs.push(options);
    const { signal } = new AbortController();
    return fn({ signal, attempt: 1, settle: (tokens) => this.settled.push(tokens), headers: () => {} });
  }

  batcher<Key, Result>(loadMany: LoadMany<Key, Result>, options?: BatcherOptions<Key>): BatchedLoad<Key, Result> {
    this.batchers++;
    const { caller, deadlines } = this;
    const host = { caller, deadlines, isOn: () => this.mode === 'on', onHalved: () => {} };
    return batchedLoad(new Batcher(host, loadMany, options));
  }

  reportTrouble(error: unknown, during: string): void {
    this.troubles.push({ error, during });
  }
}
