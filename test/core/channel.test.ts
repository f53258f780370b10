import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, it } from 'vitest';
import { moduleChannels } from '../../src/core/channel.js';

it('channels are those of the process, named hotpath:<module>:<event>', () => {
  const channels = moduleChannels<'tick'>('channel-test');
  const made = channels('tick');
  expect(made).toBe(channel('hotpath:channel-test:tick'));
  expect(channels('tick')).toBe(made);
  expect(moduleChannels<'tick'>('channel-test')('tick')).toBe(made);
});

it('a publisher sees subscribers come and go', () => {
  const made = moduleChannels<'tick'>('channel-test')('tick');
  const messages: unknown[] = [];
  const listener = (message: unknown): void => {
    messages.push(message);
  };
  expect(made.hasSubscribers).toBe(false);
  subscribe('hotpath:channel-test:tick', listener);
  expect(made.hasSubscribers).toBe(true);
  made.publish({ n: 1 });
  unsubscribe('hotpath:channel-test:tick', listener);
  expect(made.hasSubscribers).toBe(false);
  expect(messages).toEqual([{ n: 1 }]);
});
