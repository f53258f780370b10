import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlertHolds,
  type AlertPhase,
  type AlertVerdict,
  nextPhase,
} from '../../src/monitor/alerts/alert-transition.js';
import { seedOf } from '../random.js';

const LETTERS: Readonly<Record<string, AlertVerdict>> = {
  x: 'breached',
  '-': 'between',
  '.': 'better',
  '?': 'unknown',
};
const STATES: Readonly<Record<AlertPhase['kind'], string>> = {
  inactive: 'i',
  pending: 'p',
  firing: 'F',
  resolving: 'r',
};

/** Runs looks a second apart, one letter each, and answers with the states after them and with the last phase. */
function run(looks: string, holds: Partial<AlertHolds>): { states: string; phase: AlertPhase } {
  let phase: AlertPhase = { kind: 'inactive', since: 0 };
  let states = '';
  for (const [i, letter] of [...looks].entries()) {
    phase = nextPhase(phase, LETTERS[letter]!, (i + 1) * 1_000, {
      forMs: 0,
      keepFiringMs: 0,
      onNoData: 'resolve',
      ...holds,
    });
    states += STATES[phase.kind];
  }
  return { states, phase };
}

describe('an alert, look by look', () => {
  it.each<[what: string, holds: Partial<AlertHolds>, looks: string, states: string]>([
    ['fires and resolves at once without holds', {}, '.x.xx.', 'iFiFFi'],
    ['fires once the condition has held for its time, to the look', { forMs: 3_000 }, 'xxxxx', 'pppFF'],
    ['fires at the first look after its time', { forMs: 2_500 }, 'xxxx', 'pppF'],
    ['is dropped while pending by one look that is better', { forMs: 3_000 }, 'xxx.xxxx', 'pppipppF'],
    ['is dropped while pending by one look in between', { forMs: 3_000 }, 'xxx-xxxx', 'pppipppF'],
    ['fires on in between the thresholds', {}, 'x---.', 'FFFFi'],
    ['does not begin in between the thresholds', {}, '---', 'iii'],
    ['resolves once it has been better for its time, to the look', { keepFiringMs: 3_000 }, 'x.....', 'Frrrii'],
    ['resolves at the first look after its time', { keepFiringMs: 2_500 }, 'x....', 'Frrri'],
    ['fires again when the condition holds while it resolves', { keepFiringMs: 3_000 }, 'x...x....', 'FrrrFrrri'],
    ['fires again in between the thresholds while it resolves', { keepFiringMs: 3_000 }, 'x...-....', 'FrrrFrrri'],
    ['does not wait its time again to fire on', { forMs: 2_000, keepFiringMs: 9_000 }, 'xxx.x.x', 'ppFrFrF'],
    ['waits its time again after it has resolved', { forMs: 2_000 }, 'xxx.xxx', 'ppFippF'],
    ['is dropped while pending without data', { forMs: 3_000 }, 'xx?xxxx', 'ppipppF'],
    ['resolves without data', {}, 'x?', 'Fi'],
    ['resolves without data after its time', { keepFiringMs: 2_000 }, 'x???', 'Frri'],
    ['resolves by looks with and without data', { keepFiringMs: 2_000 }, 'x.?.', 'Frri'],
    ['keeps pending without data, and time counts', { forMs: 3_000, onNoData: 'keep' }, 'x????x', 'pppppF'],
    ['does not fire without data', { forMs: 1_000, onNoData: 'keep' }, 'x???.', 'ppppi'],
    ['keeps firing without data', { onNoData: 'keep' }, 'x???.', 'FFFFi'],
    ['keeps resolving without data, and time counts', { keepFiringMs: 3_000, onNoData: 'keep' }, 'x.???.', 'Frrrri'],
    ['stays inactive without data', { onNoData: 'keep' }, '??', 'ii'],
  ])('%s', (_what, holds, looks, states) => {
    expect(run(looks, holds).states).toBe(states);
  });

  it('knows since when it stands where it stands, and when the condition began to hold', () => {
    const holds = { forMs: 2_000, keepFiringMs: 5_000 };
    expect(run('..x', holds).phase).toEqual({ kind: 'pending', since: 3_000 });
    expect(run('..xxxx', holds).phase).toEqual({ kind: 'firing', since: 5_000, startedAt: 3_000 });
    expect(run('..xxxx..', holds).phase).toEqual({ kind: 'resolving', since: 7_000, startedAt: 3_000 });
    expect(run('..xxxx..x', holds).phase).toEqual({ kind: 'firing', since: 9_000, startedAt: 3_000 });
    expect(run('..xxxx......', holds).phase).toEqual({ kind: 'inactive', since: 12_000 });
  });

  it('is the same object as long as nothing changes', () => {
    const holds: AlertHolds = { forMs: 0, keepFiringMs: 0, onNoData: 'resolve' };
    const quiet: AlertPhase = { kind: 'inactive', since: 0 };
    expect(nextPhase(quiet, 'better', 1_000, holds)).toBe(quiet);
    const firing = nextPhase(quiet, 'breached', 2_000, holds);
    expect(nextPhase(firing, 'breached', 3_000, holds)).toBe(firing);
  });
});

interface Look {
  readonly at: number;
  readonly verdict: AlertVerdict;
}

/** Since when the newest looks, one after the other, all satisfy it; `undefined` if the newest does not. */
function unbrokenSince(looks: readonly Look[], is: (look: Look) => boolean): number | undefined {
  const broken = looks.findLastIndex((look) => !is(look));
  return looks[broken + 1]?.at;
}

/** Whether it is in an incident after all looks, worked out from the list of them alone. */
function firesBy(looks: readonly Look[], holds: AlertHolds): { at: number; startedAt: number } | undefined {
  let incident: { at: number; startedAt: number } | undefined;
  let from = 0;
  const counted = looks.filter(({ verdict }) => verdict !== 'unknown' || holds.onNoData === 'resolve');
  for (const [i, { at }] of counted.entries()) {
    const recent = counted.slice(from, i + 1);
    if (incident === undefined) {
      const since = unbrokenSince(recent, ({ verdict }) => verdict === 'breached');
      if (since === undefined || at - since < holds.forMs) continue;
      incident = { at, startedAt: since };
    } else {
      const since = unbrokenSince(recent, ({ verdict }) => verdict === 'better' || verdict === 'unknown');
      if (since === undefined || at - since < holds.keepFiringMs) continue;
      incident = undefined;
    }
    from = i + 1;
  }
  return incident;
}

describe('the state machine', () => {
  it('fires and resolves exactly when the list of all looks says so', () => {
    const hold = fc.constantFrom(0, 1, 500, 1_000, 2_500, 5_000);
    const holds = fc.record({ forMs: hold, keepFiringMs: hold, onNoData: fc.constantFrom('keep', 'resolve') });
    const verdict = fc.constantFrom<AlertVerdict>('breached', 'breached', 'better', 'better', 'between', 'unknown');
    const looks = fc.array(fc.tuple(fc.constantFrom(1, 499, 500, 1_000, 1_000, 4_000), verdict), {
      minLength: 10,
      maxLength: 60,
      size: 'max',
    });
    let fired = 0;
    fc.assert(
      fc.property(holds as fc.Arbitrary<AlertHolds>, looks, (given, steps) => {
        let phase: AlertPhase = { kind: 'inactive', since: 0 };
        const seen: Look[] = [];
        let at = 0;
        for (const [ms, found] of steps) {
          at += ms;
          seen.push({ at, verdict: found });
          const before = phase;
          phase = nextPhase(phase, found, at, given);
          const incident = firesBy(seen, given);
          if (incident?.at === at) fired++;
          expect(phase.kind === 'firing' || phase.kind === 'resolving').toBe(incident !== undefined);
          if (incident) expect(phase).toMatchObject({ startedAt: incident.startedAt });
          // Since is when it came into its state, and nothing else moves it.
          expect(phase.since).toBe(phase.kind === before.kind ? before.since : at);
        }
      }),
      { seed: seedOf('alert transitions'), numRuns: 2_000 },
    );
    expect(fired).toBeGreaterThan(1_000);
  });
});
