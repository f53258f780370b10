import type { Waiter } from '../../src/async/waiter.js';

/** A call as tests of the queue need it: it remembers why it was refused. */
export class WaitingCall implements Waiter {
  readonly priority: number;
  readonly group: string;
  readonly tokens: number;
  readonly isExempt: boolean;
  readonly since: number;
  isWaiting = false;
  previous: Waiter | undefined;
  next: Waiter | undefined;
  refusal: Error | undefined;

  constructor(
    readonly id: number | string,
    given: Partial<Pick<Waiter, 'priority' | 'group' | 'tokens' | 'isExempt' | 'since'>> = {},
  ) {
    this.priority = given.priority ?? 0;
    this.group = given.group ?? '';
    this.tokens = given.tokens ?? 0;
    this.isExempt = given.isExempt ?? false;
    this.since = given.since ?? 0;
  }

  admit(): void {}

  refuse(error: Error): void {
    this.refusal = error;
  }
}
