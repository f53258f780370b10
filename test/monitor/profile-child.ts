import { systemClock } from '../../src/core/clock.js';
import { Profiler } from '../../src/monitor/profiling/profiler.js';

/** What happened in a process with a debugger's port open. */
export interface ChildOutcome {
  readonly asked: unknown;
  readonly troubles: readonly unknown[];
  readonly files: number;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
const troubles: unknown[] = [];
const profiler = new Profiler({
  options: { directory: process.argv[2]! },
  clock: systemClock(),
  onMark: () => {},
  onTrouble: (error) => void troubles.push(codeOf(error)),
});
const asked = await profiler.profile(10).then(() => 'taken', codeOf);
profiler.breach('cpuUsage', 'cpu', 10);
await profiler.close();
const outcome: ChildOutcome = { asked, troubles, files: profiler.list().length };
process.send!(outcome, () => process.disconnect());
