import { describe } from '../../core/errors.js';
import { CheckpointCorruptError } from './checkpoint-errors.js';
import type { CheckpointState } from './checkpoint-store.js';

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * What a store gave back, in order: what was appended before the last save is in it already, and is left out.
 *
 * @throws CheckpointCorruptError for anything that no session wrote
 */
export function checkedState({ source, watermark, digest, ahead }: CheckpointState): CheckpointState {
  check('source', source, source === undefined || typeof source === 'string');
  check('watermark', watermark, isIndex(watermark));
  check('digest', digest, typeof digest === 'string' && DIGEST.test(digest));
  check('ahead', ahead, Array.isArray(ahead));
  const done = new Map<number, string>();
  for (const entry of ahead) {
    check('ahead', entry, Array.isArray(entry) && isIndex(entry[0]) && typeof entry[1] === 'string');
    const [index, id] = entry;
    if (index < watermark) continue;
    check('ahead', entry, (done.get(index) ?? id) === id);
    done.set(index, id);
  }
  return { source, watermark, digest, ahead: [...done] };
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function check(name: string, value: unknown, isRight: boolean): void {
  if (!isRight) throw new CheckpointCorruptError(`the checkpoint's ${name} cannot be ${describe(value)}`);
}
