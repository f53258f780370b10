import { fileURLToPath } from 'node:url';
import { packagesOf } from '../src/cli/package-source.js';
import type * as Monitor from '../src/monitor/index.js';
import type { RecordContestant } from './record-contestant.js';
import { bareHistograms } from './record-floors.js';
import { ownRecorders } from './record-ours.js';
import { recordPeers } from './record-peers.js';
import { recordedMs } from './record-values.js';

/** Ours, in each way of recording, beside bare histograms and the peers. Loads what only bench/node_modules has. */
export async function recordContestants(monitor: typeof Monitor): Promise<RecordContestant[]> {
  const ms = recordedMs();
  const packages = packagesOf(fileURLToPath(new URL('.', import.meta.url)), (specifier) => import(specifier));
  return [...ownRecorders(monitor, ms), ...bareHistograms(ms), ...(await recordPeers(ms, packages))];
}
