import type { CheckpointState, CheckpointStore } from '../../../src/async/checkpoint/checkpoint-store.js';

type Done = readonly (readonly [index: number, id: string])[];

/** A store in memory that outlives its sessions, and does what a test tells it. */
export class KeptStore implements CheckpointStore {
  state: CheckpointState | undefined;
  appended: [number, string][] = [];
  readonly calls: string[] = [];
  /** Size of each append. */
  readonly groups: number[] = [];
  /** The largest number of entries it ever held. */
  most = 0;
  closed = 0;
  isFailing = false;
  /** What an append waits for before it takes effect. */
  before: () => Promise<void> = async () => {};
  #isBusy = false;

  async load(): Promise<CheckpointState | undefined> {
    this.calls.push('load');
    return this.state && structuredClone({ ...this.state, ahead: [...this.state.ahead, ...this.appended] });
  }

  append(done: Done): Promise<void> {
    this.calls.push('append');
    return this.#alone(async () => {
      await this.before();
      this.groups.push(done.length);
      for (const [index, id] of done) this.appended.push([index, id]);
    });
  }

  save(state: CheckpointState): Promise<void> {
    this.calls.push('save');
    return this.#alone(async () => {
      this.state = structuredClone(state);
      this.appended = [];
    });
  }

  async close(): Promise<void> {
    this.closed++;
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.isFailing) throw new Error('disk full');
    if (this.#isBusy) throw new Error('calls must come one after another');
    this.#isBusy = true;
    try {
      await work();
    } finally {
      this.#isBusy = false;
    }
    this.most = Math.max(this.most, (this.state?.ahead.length ?? 0) + this.appended.length);
  }
}
