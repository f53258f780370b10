// What keeps a core busy: a hash chain of so many rounds. Plain JavaScript, so that worker threads load nothing else.
import { createHash } from 'node:crypto';

/** @param {{ seed: number, rounds: number }} item */
export default function busyWork({ seed, rounds }) {
  let digest = String(seed);
  for (let round = 0; round < rounds; round++) digest = createHash('sha256').update(digest).digest('base64');
  return digest;
}
