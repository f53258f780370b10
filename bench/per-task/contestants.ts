import { fileURLToPath } from 'node:url';
import { manifestVersion, packagesOf } from '../../src/cli/package-source.js';
import { loadAsync } from '../async-subject.js';
import { barePump } from './bare-pump.js';
import type { TaskContestant } from './contestant.js';
import { ownContestants } from './ours.js';
import { peerContestants } from './peers.js';

/** The floor, ours and the peers. `bench`: the folder of the benches, with a slash at its end. */
export async function taskContestants(bench: URL): Promise<TaskContestant[]> {
  const version = manifestVersion(fileURLToPath(new URL('..', bench))) ?? '?';
  const ours = await loadAsync(new URL('../dist/async/index.js', bench));
  return [barePump(), ...ownContestants(ours, version), ...(await peerContestants(packagesOf(fileURLToPath(bench))))];
}
