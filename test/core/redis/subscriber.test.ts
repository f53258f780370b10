import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisSubscriber } from '../../../src/core/redis/redis-port.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { KINDS, type Opened, startCluster, startSingle, until, type World } from './worlds.js';

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Nothing was waited for that a frozen server would have to answer: the shortest of those waits is longer. */
const AT_ONCE_MS = 1_000;

interface Listening {
  readonly subscriber: RedisSubscriber;
  readonly messages: [channel: string, message: Buffer][];
  readonly states: boolean[];
  readonly errors: unknown[];
}

function listen(opened: Opened, channels: readonly string[] = ['news', 'more:ä']): Listening {
  const subscriber = opened.port.subscriber();
  const listening: Listening = { subscriber, messages: [], states: [], errors: [] };
  subscriber.onError((error) => listening.errors.push(error));
  subscriber.start(
    channels,
    (channel, message) => listening.messages.push([channel, message]),
    (subscribed) => listening.states.push(subscribed),
  );
  return listening;
}

describeWith('subscriber of the port', await findRedis({ private: true }), () => {
  describe.each(KINDS)('$name', (kind) => {
    let world: World;
    let opened: Opened;
    const rejections: unknown[] = [];
    const onRejection = (error: unknown): void => void rejections.push(error);
    beforeAll(async () => {
      process.on('unhandledRejection', onRejection);
      world = await (kind.world === 'cluster' ? startCluster() : startSingle());
      opened = await kind.open(world.ports);
    }, 60_000);
    afterAll(async () => {
      await opened.port.close();
      await opened.end();
      await world.close();
      process.off('unhandledRejection', onRejection);
      expect(rejections).toEqual([]);
    });

    it('delivers every byte, of each of its channels and of no other', async () => {
      const { subscriber, messages, states, errors } = listen(opened);
      await until('subscribed', () => states.length > 0);
      await opened.port.send(undefined, ['PUBLISH', 'news', BYTES]);
      await opened.port.send(undefined, ['PUBLISH', 'other', 'x']);
      await opened.port.send(undefined, ['PUBLISH', 'more:ä', '']);
      await until('both are there', () => messages.length >= 2);
      expect(messages).toEqual([
        ['news', BYTES],
        ['more:ä', Buffer.alloc(0)],
      ]);
      expect(states).toEqual([true]);
      expect(errors).toEqual([]);
      await subscriber.close();
      await opened.port.send(undefined, ['PUBLISH', 'news', 'late']);
      await opened.port.send(undefined, ['PING']);
      expect(messages).toHaveLength(2);
    });

    // A channel of its own for each: in a cluster, messages of the test before may still be on their way.
    it('subscribes again when the server is back, and says that it was away', async () => {
      const { subscriber, messages, states, errors } = listen(opened, ['lost']);
      await until('subscribed', () => states.length > 0);
      await world.kill();
      await until('loss is told', () => states.length > 1);
      await world.restart();
      await until('subscribed again', () => states.length > 2, 20_000);
      expect(states).toEqual([true, false, true]);
      expect(errors.length).toBeGreaterThan(0);
      await until('the port is ready', () => opened.port.ready);
      await opened.port.send(undefined, ['PUBLISH', 'lost', 'again']);
      await until('the message is there', () => messages.length > 0);
      expect(messages).toEqual([['lost', Buffer.from('again')]]);
      await subscriber.close();
    }, 40_000);

    it('a throwing listener is reported and ends nothing', async () => {
      const subscriber = opened.port.subscriber();
      const errors: unknown[] = [];
      let subscribed = 0;
      let received = 0;
      subscriber.onError((error) => errors.push(error));
      subscriber.start(
        ['thrown'],
        () => {
          received++;
          throw new Error('my listener');
        },
        () => {
          subscribed++;
        },
      );
      await until('subscribed', () => subscribed > 0);
      await opened.port.send(undefined, ['PUBLISH', 'thrown', '1']);
      await opened.port.send(undefined, ['PUBLISH', 'thrown', '2']);
      await until('both are there', () => received === 2);
      expect(errors).toEqual([new Error('my listener'), new Error('my listener')]);
      expect(subscribed).toBe(1);
      await subscriber.close();
    });

    it('closes at once while the server is frozen, whether subscribed or dialling', async () => {
      const subscribed = listen(opened, ['frozen']);
      await until('subscribed', () => subscribed.states.length > 0);
      world.signal('SIGSTOP');
      try {
        const dialling = listen(opened, ['frozen']);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const started = performance.now();
        await Promise.all([subscribed.subscriber.close(), dialling.subscriber.close()]);
        expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);
        expect(dialling.states).toEqual([]);
      } finally {
        world.signal('SIGCONT');
      }
      await until('the port answers', () => opened.port.ready);
      // Neither connection may come up behind our back: the server counts who listens.
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const master of await opened.port.masters()) {
        await expect
          .poll(() => master(['PUBSUB', 'NUMSUB', 'frozen']), { timeout: 5_000 })
          .toEqual([Buffer.from('frozen'), 0]);
      }
    }, 40_000);
  });
});
