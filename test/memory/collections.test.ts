import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { type Collection, observeCollections } from '../../src/memory/collections.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

it('says of collections told of together which one the figures are of', async () => {
  const seen: Collection[] = [];
  const majors = (): Collection[] => seen.filter(({ kind, isForced }) => kind === 'major' && isForced);
  const end = observeCollections((collection) => void seen.push(collection));
  gc();
  gc();
  gc();
  for (let turns = 0; majors().length < 3 && turns < 1_000; turns++) await new Promise((go) => setTimeout(go, 1));
  gc();
  for (let turns = 0; majors().length < 4 && turns < 1_000; turns++) await new Promise((go) => setTimeout(go, 1));
  end();
  expect(majors().map(({ isOvertaken = false }) => isOvertaken)).toEqual([true, true, false, false]);
  expect(majors().every(({ ms }) => ms > 0)).toBe(true);
});
