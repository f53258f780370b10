import { describe } from '../../core/errors.js';
import { isUnit } from '../unit.js';
import type { Measurement } from './custom-target.js';
import type { TargetResult } from './target-result.js';

/** What a function of the host says. One that throws, or says nothing that can be used, makes no verdict; it never throws. */
export function checkMeasured(measure: () => Measurement): TargetResult {
  try {
    return resultOf(measure());
  } catch (error) {
    return noVerdict(`its function threw: ${error instanceof Error ? error.message : describe(error)}`);
  }
}

function resultOf(said: unknown): TargetResult {
  if (said instanceof Promise) {
    said.catch(() => {});
    return noVerdict('its function must answer at once, not promise to');
  }
  if (typeof said !== 'object' || said === null) return noVerdict(`its function answered ${describe(said)}`);
  const { actual, target, bound, unit, samples, reason, met } = said as Partial<Measurement>;
  if (typeof target !== 'number' || !Number.isFinite(target)) {
    return noVerdict(`its function answered with ${describe(target)} as target`);
  }
  const fixed = {
    target,
    unit: isUnit(unit) || unit === 'perMinute' ? unit : 'count',
    bound: bound === 'min' ? 'min' : 'max',
    samples: typeof samples === 'number' && samples >= 0 ? samples : typeof actual === 'number' ? 1 : 0,
  } as const;
  const why = typeof reason === 'string' ? { reason } : {};
  if (met !== undefined && met !== null && typeof met !== 'boolean') {
    return {
      met: null,
      actual: null,
      ...fixed,
      confidence: 'low',
      reason: `its function answered ${describe(met)} as met`,
    };
  }
  if (typeof actual === 'number' && Number.isFinite(actual)) {
    const isWithin = fixed.bound === 'max' ? actual <= target : actual >= target;
    return { met: met === undefined ? isWithin : met, actual, ...fixed, confidence: 'high', ...why };
  }
  const lack =
    actual === null || actual === undefined ? 'its function has no data' : `its function measured ${describe(actual)}`;
  return { met: met ?? null, actual: null, ...fixed, confidence: 'low', reason: lack, ...why };
}

function noVerdict(reason: string): TargetResult {
  const nothing = { met: null, actual: null, target: Number.NaN, samples: 0, confidence: 'low' } as const;
  return { ...nothing, unit: 'count', bound: 'max', reason };
}
