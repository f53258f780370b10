import { describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../src/core/emitter.js';
import { flushMicrotasks } from '../manual-clock.js';

interface Events {
  hit: { key: string };
  miss: { key: string };
}

describe('Emitter', () => {
  it('delivers to the listeners of that name until they unsubscribe', () => {
    const emitter = new Emitter<Events>(() => {});
    const heard: string[] = [];
    const off = emitter.on('hit', ({ key }) => heard.push(key));
    emitter.on('miss', () => heard.push('miss'));
    emitter.emit('hit', { key: 'a' });
    off();
    off();
    emitter.emit('hit', { key: 'b' });
    expect(heard).toEqual(['a']);
    expect(emitter.has('hit')).toBe(false);
    expect(emitter.has('miss')).toBe(true);
  });

  it('calls the same listener as often as it was added, and takes one away at a time', () => {
    const emitter = new Emitter<Events>(() => {});
    const listener = vi.fn();
    const off = emitter.on('hit', listener);
    emitter.on('hit', listener);
    off();
    off();
    emitter.emit('hit', { key: 'a' });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('reports a throwing or rejecting listener and goes on with the next', async () => {
    const reported: unknown[] = [];
    const emitter = new Emitter<Events>((error, event) => reported.push([(error as Error).message, event]));
    const next = vi.fn();
    emitter.on('hit', () => {
      throw new Error('sync');
    });
    emitter.on('hit', async () => {
      throw new Error('async');
    });
    emitter.on('hit', next);
    emitter.emit('hit', { key: 'a' });
    await flushMicrotasks();
    expect(next).toHaveBeenCalledWith({ key: 'a' });
    expect(reported).toEqual([
      ['sync', 'hit'],
      ['async', 'hit'],
    ]);
  });

  it('lets a listener subscribe and unsubscribe while an event is under way', () => {
    const emitter = new Emitter<Events>(() => {});
    const late = vi.fn();
    const off = emitter.on('hit', () => {
      off();
      emitter.on('hit', late);
    });
    emitter.emit('hit', { key: 'a' });
    expect(late).not.toHaveBeenCalled();
    emitter.emit('hit', { key: 'b' });
    expect(late).toHaveBeenCalledTimes(1);
  });
});
