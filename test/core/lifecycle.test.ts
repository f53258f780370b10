import { expect, it, vi } from 'vitest';
import { closeOnce } from '../../src/core/lifecycle.js';

it('closes once, however often it is called: each call gets the end of the one run', async () => {
  let end = (): void => {};
  const release = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const close = closeOnce(release);
  expect(release).not.toHaveBeenCalled();
  const first = close();
  const second = close();
  expect(release).toHaveBeenCalledTimes(1);
  end();
  await Promise.all([first, second]);
  await close();
  expect(release).toHaveBeenCalledTimes(1);
});

it('has begun when the call returns', () => {
  let begun = false;
  void closeOnce(() => {
    begun = true;
  })();
  expect(begun).toBe(true);
});

it('rejects for each caller where the clean-up fails, synchronously or not, and does not try again', async () => {
  for (const fail of [
    () => Promise.reject(new Error('busy')),
    () => {
      throw new Error('busy');
    },
  ]) {
    const release = vi.fn(fail as () => void);
    const close = closeOnce(release);
    await expect(close()).rejects.toThrow('busy');
    await expect(close()).rejects.toThrow('busy');
    expect(release).toHaveBeenCalledTimes(1);
  }
});
