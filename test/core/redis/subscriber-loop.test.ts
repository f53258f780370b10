import { expect, it } from 'vitest';
import { reconnectDelayMs } from '../../../src/core/redis/reconnect-delay.js';
import { ReconnectingSubscriber, type SubscriberConnection } from '../../../src/core/redis/subscriber.js';
import { ManualClock } from '../../manual-clock.js';

/** A connection whose every answer the test gives. */
class ScriptedConnection implements SubscriberConnection {
  readonly subscribed: Promise<void>;
  confirm = (): void => {};
  refuse = (_error: unknown): void => {};
  answers = true;
  pings = 0;
  isDiscarded = false;

  constructor(readonly lost: (error: unknown) => void) {
    this.subscribed = new Promise((resolve, reject) => {
      this.confirm = resolve;
      this.refuse = reject;
    });
  }

  ping(): Promise<unknown> {
    this.pings++;
    return this.answers ? Promise.resolve() : new Promise(() => {});
  }

  discard(): void {
    this.isDiscarded = true;
  }
}

function scripted(): {
  clock: ManualClock;
  connections: ScriptedConnection[];
  states: boolean[];
  errors: unknown[];
  subscriber: ReconnectingSubscriber;
} {
  const clock = new ManualClock();
  const connections: ScriptedConnection[] = [];
  const states: boolean[] = [];
  const errors: unknown[] = [];
  const subscriber = new ReconnectingSubscriber((_channels, _onMessage, onLost) => {
    const connection = new ScriptedConnection(onLost);
    connections.push(connection);
    return connection;
  }, clock);
  subscriber.onError((error) => errors.push(error));
  subscriber.start(
    ['news'],
    () => {},
    (subscribed) => states.push(subscribed),
  );
  return { clock, connections, states, errors, subscriber };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a connection that no longer answers is given up after two silent pings, not after one', async () => {
  const { clock, connections, states, errors } = scripted();
  connections[0]?.confirm();
  await settled();
  for (let i = 0; i < 3; i++) {
    clock.advance(3_000);
    await settled();
  }
  expect(connections[0]?.pings).toBe(3);
  if (connections[0]) connections[0].answers = false;
  clock.advance(6_000);
  await settled();
  expect(states).toEqual([true]);
  clock.advance(3_000);
  await settled();
  expect(states).toEqual([true, false]);
  expect(connections[0]?.isDiscarded).toBe(true);
  expect(errors).toMatchObject([{ code: 'REDIS_UNAVAILABLE' }]);
  clock.advance(50);
  expect(connections).toHaveLength(2);
});

it('a subscription that is not confirmed within 3 s is dialled anew, ever more slowly, at most 2 s apart', async () => {
  const { clock, connections, states } = scripted();
  clock.advance(2_999);
  await settled();
  expect(connections[0]?.isDiscarded).toBe(false);
  clock.advance(1);
  await settled();
  expect(connections[0]?.isDiscarded).toBe(true);
  for (let i = 1; i < 12; i++) {
    clock.advance(2_000);
    await settled();
    expect(connections).toHaveLength(i + 1);
    connections[i]?.refuse(new Error('no'));
    await settled();
  }
  expect(states).toEqual([]);
});

it('what a given-up connection says is not heard', async () => {
  const { clock, connections, states, errors } = scripted();
  connections[0]?.lost(new Error('first'));
  await settled();
  connections[0]?.confirm();
  connections[0]?.lost(new Error('again'));
  await settled();
  expect(states).toEqual([]);
  expect(errors).toEqual([new Error('first')]);
  clock.advance(50);
  expect(connections).toHaveLength(2);
});

it('nothing is dialled after close, and start works once', async () => {
  const { clock, connections, states, subscriber } = scripted();
  subscriber.start(
    [],
    () => {},
    () => {},
  );
  connections[0]?.confirm();
  await settled();
  connections[0]?.lost(new Error('gone'));
  await subscriber.close();
  await settled();
  clock.advance(60_000);
  expect(connections).toHaveLength(1);
  expect(connections[0]?.isDiscarded).toBe(true);
  expect(states).toEqual([true]);
});

it('delays double from 50 ms to 2 s, with their second half at random', () => {
  expect([0, 1, 2, 5, 6, 1_000].map((n) => reconnectDelayMs(n, () => 1))).toEqual([50, 100, 200, 1_600, 2_000, 2_000]);
  expect([0, 1, 6].map((n) => reconnectDelayMs(n, () => 0))).toEqual([25, 50, 1_000]);
});
