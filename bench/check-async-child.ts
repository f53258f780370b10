// Child of bench:check: prints what an item of `process` costs beside a bare pump, one ratio a round, as JSON.
import { contest, ratios } from '../src/cli/contest.js';
import { loadAsync } from './async-subject.js';
import { BARE, barePump } from './per-task/bare-pump.js';
import { checkContestant, noop } from './per-task/contestant.js';
import { ownContestants, PROCESS } from './per-task/ours.js';

const TASKS = 10_000;
const SLICE_MS = 300;

const rounds = Number(process.argv[2]);
// Nothing else runs here: streams share the pump, and what it is compiled for.
const ours = ownContestants(await loadAsync(), '').filter(({ name }) => name === PROCESS);
const contestants = [barePump(), ...ours];
for (const contestant of contestants) await checkContestant(contestant);
const entries = contestants.map(({ name, run }) => ({ name, operations: TASKS, run: () => run(TASKS, noop) }));
const times = await contest(entries, { rounds, sliceMs: SLICE_MS });
process.stdout.write(JSON.stringify({ [`${PROCESS} / ${BARE}`]: ratios(times, PROCESS, BARE) }));
