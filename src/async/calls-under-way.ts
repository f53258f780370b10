import type { CallControl } from './call-control.js';
import { LinkedList } from './linked-list.js';

/** The single calls that are under way, to be stopped at the end: a list through the calls themselves, since each call enters and leaves it. */
export class CallsUnderWay {
  size = 0;
  readonly #list = new LinkedList<CallControl>();

  add(control: CallControl): void {
    this.#list.append(control);
    this.size++;
  }

  /** One that is in it. */
  remove(control: CallControl): void {
    this.#list.remove(control);
    this.size--;
  }

  abortAll(reason: unknown): void {
    let control = this.#list.head;
    while (control !== undefined) {
      // It may leave by being aborted.
      const { next } = control;
      control.abort(reason);
      control = next;
    }
  }
}
