import { describe, expect, it } from 'vitest';
import { KeepAlive, keepAlive } from '../../src/core/keep-alive.js';

/** Timers that keep this process alive. */
function holding(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

describe('KeepAlive', () => {
  it('holds the process once, however often it is held, until it is released', () => {
    const before = holding();
    const alive = new KeepAlive();
    alive.release();
    alive.end();
    expect(holding()).toBe(before);
    alive.hold();
    alive.hold();
    expect(holding()).toBe(before + 1);
    alive.release();
    expect(holding()).toBe(before);
    alive.hold();
    expect(holding()).toBe(before + 1);
    alive.end();
    alive.end();
    expect(holding()).toBe(before);
    alive.hold();
    expect(holding()).toBe(before + 1);
    alive.end();
  });
});

describe('keepAlive', () => {
  it('holds the process while the work is under way, and gives its outcome', async () => {
    const before = holding();
    let finish!: (value: number) => void;
    const work = keepAlive(
      () =>
        new Promise<number>((resolve) => {
          finish = resolve;
        }),
    );
    expect(holding()).toBe(before + 1);
    finish(7);
    expect(await work).toBe(7);
    const failing = keepAlive(() => Promise.reject(new Error('its own')));
    await expect(failing).rejects.toThrow('its own');
    await expect(
      keepAlive(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(holding()).toBe(before);
  });
});
