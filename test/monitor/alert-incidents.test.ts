import { describe, expect, it } from 'vitest';
import type { AlertMessage } from '../../src/monitor/alerts/alert-event.js';
import { flushMicrotasks } from '../manual-clock.js';
import { alertWorld, statsOfValues } from './alert-world.js';

describe('messages to sinks', () => {
  const collected = () => {
    const messages: AlertMessage[] = [];
    const texts = (): string[] =>
      messages.map(
        ({ state, repeated, at }) => `${(at / 1_000) % 1_000}s ${state}${repeated === undefined ? '' : ` ${repeated}`}`,
      );
    return { messages, texts, sink: (message: AlertMessage) => void messages.push(message) };
  };

  it('come once per incident and state, however long it fires and however often it nearly resolves', async () => {
    const { messages, texts, sink } = collected();
    const { book, look } = alertWorld([sink]);
    book.add({ metric: 'ask', when: { above: 1 }, keepFiring: '5s' });
    for (let i = 0; i < 100; i++) look(i % 5 === 0 ? 2 : 1);
    for (let i = 0; i < 5; i++) look(1);
    await flushMicrotasks();
    expect(texts()).toEqual(['1s firing', '102s resolved']);
    expect(messages[0]!.incident).toBe(messages[1]!.incident);
    expect(book.history()).toHaveLength(1);
  });

  it('are repeated while it fires, where that is wanted, and not while it resolves', async () => {
    const { messages, texts, sink } = collected();
    const { book, look, told } = alertWorld([sink]);
    book.add({ name: 'slow', metric: 'ask', when: { above: 1 }, keepFiring: '8s', repeatEvery: '3s' });
    for (const value of [2, 2, 2, 3, 2, 1, 1, 1, 2, 2, 2, 2]) {
      look(value);
      await flushMicrotasks();
    }
    expect(texts()).toEqual(['1s firing', '4s firing 1', '9s firing 2', '12s firing 3']);
    expect(messages.map(({ value }) => value)).toEqual([2, 3, 2, 2]);
    expect(new Set(messages.map(({ incident }) => incident)).size).toBe(1);
    expect(told).toEqual(['1s alert slow']);
    expect(book.history()).toHaveLength(1);
    expect(book.history()[0]).not.toHaveProperty('repeated');
  });

  it('name another incident with each firing', async () => {
    const { messages, sink } = collected();
    const { book, look } = alertWorld([sink]);
    book.add({ metric: 'ask', when: { above: 1 } });
    for (const value of [2, 1, 2, 1, 2]) look(value);
    await flushMicrotasks();
    expect(new Set(messages.map(({ incident }) => incident)).size).toBe(3);
  });

  it('cannot be changed by one sink for the next', async () => {
    const { messages, sink } = collected();
    const { book, look, troubles } = alertWorld([
      (message) => {
        (message as { name: string }).name = 'changed';
      },
      sink,
    ]);
    book.add({ name: 'slow', metric: 'ask', when: { above: 1 } });
    look(2);
    await flushMicrotasks();
    expect(messages).toMatchObject([{ name: 'slow' }]);
    expect(troubles).toEqual([]);
    expect(book.deliveries()).toMatchObject([{ delivered: 0, queued: 1 }, { delivered: 1 }]);
  });
});

describe('a rule that is taken away', () => {
  it('resolves what fires by it, once', () => {
    const { book, look, told } = alertWorld();
    const remove = book.add({ name: 'slow', metric: 'ask', when: { above: 1 } });
    look(2);
    remove();
    remove();
    expect(told).toEqual(['1s alert slow', '1s resolved slow']);
    expect(book.status()).toEqual([]);
  });

  it('says nothing where nothing fires, and leaves alone a new one of its name', () => {
    const { book, told } = alertWorld();
    const remove = book.add({ name: 'slow', metric: 'ask', when: { above: 1 } });
    remove();
    book.add({ name: 'slow', metric: 'ask', when: { above: 1 } });
    remove();
    expect(book.status()).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it('or added by a listener, while a tick is under way, takes effect at once', () => {
    const removals: (() => void)[] = [];
    const onAlert = (): void => {
      for (const remove of removals) remove();
      world.book.add({ name: 'new', metric: 'ask', when: { above: 1 } });
    };
    const world = alertWorld([], { onAlert });
    for (const name of ['a', 'b']) removals.push(world.book.add({ name, metric: 'ask', when: { above: 1 } }));
    world.look(2);
    expect(world.book.status()).toMatchObject([{ name: 'new', state: 'inactive' }]);
    expect(world.troubles).toEqual([]);
  });
});

it('a day of flapping fills nothing, and crowds out nothing of other alerts', async () => {
  const { book, reader, clock, troubles } = alertWorld([() => new Promise(() => {})]);
  for (const name of ['rare', 'flaps']) book.add({ name, metric: name, when: { above: 1 } });
  const [bad, good] = [statsOfValues([2]), statsOfValues([1])];
  let fired = 0;
  for (let second = 0; second < 86_400; second++) {
    clock.advance(1_000);
    reader.figures.set('flaps', second % 2 === 0 ? bad : good);
    reader.figures.set('rare', second % 20_000 === 0 ? bad : good);
    book.tick();
    if (book.status()[1]!.state === 'firing') fired++;
    if (second % 5_000 === 0) await flushMicrotasks();
  }
  expect(fired).toBe(43_200);
  expect(book.history()).toHaveLength(100);
  expect(book.history().filter(({ name }) => name === 'rare')).toHaveLength(5);
  expect(book.history().at(-1)).toMatchObject({ name: 'flaps', resolvedAt: clock.now() });
  const [sink] = book.deliveries();
  expect(sink!.queued).toBe(100);
  expect(sink!.delivered).toBe(0);
  // All the others were dropped or given up, and each was reported.
  expect(sink!.dropped + sink!.failed).toBe(2 * (fired + 5) - 100);
  expect(troubles).toHaveLength(sink!.dropped + sink!.failed);
});
