// What the tests of runInWorkers run on threads.
import { threadId } from 'node:worker_threads';

export default (n) => n * 2;

export const later = async (ms) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};

const kept = [];
export const keepPort = ({ port }) => {
  kept.push(port);
};

export const whichThread = () => threadId;

export const failAt3 = (n) => {
  if (n === 3) throw new RangeError('three is not liked', { cause: 'taste' });
  return n;
};

export const exitAt3 = (n) => {
  if (n === 3) process.exit(7);
  return n;
};

export const throwLater = (n) =>
  new Promise((resolve) => {
    if (n === 3)
      setTimeout(() => {
        throw new Error('outside of its promise');
      });
    else resolve(n);
  });

export const forever = (n) => {
  if (n === 0) return n;
  for (;;);
};

export const answerFunction = (n) => (n === 3 ? () => {} : n);

export const throwFunction = (n) => {
  if (n === 3) throw () => {};
  return n;
};

export const throwPlain = (n) => {
  if (n === 3) throw { code: 42 };
  return n;
};

export const sizeOf = (buffer) => buffer.byteLength;
