import { describe, HotpathError } from '../../core/errors.js';
import { isUnit } from '../unit.js';
import type { Measurement } from './custom-target.js';
import type { Judgement } from './target-result.js';
import type { TargetTroubles } from './target-troubles.js';

const UNUSABLE = 'TARGET_FUNCTION';

/**
 * What a function of the host says. One that throws, or says nothing that can be used, makes no verdict and is reported; this never
 * throws.
 */
export function checkMeasured(name: string, measure: () => Measurement, troubles?: TargetTroubles): Judgement {
  try {
    const result = resultOf(measure());
    troubles?.worked(name);
    return result;
  } catch (error) {
    troubles?.failed(name, error);
    return noVerdict(reasonOf(error));
  }
}

/** @throws HotpathError for what is no measurement */
function resultOf(said: unknown): Judgement {
  if (said instanceof Promise) {
    said.catch(() => {});
    throw unusable('its function must answer at once, not promise to');
  }
  if (typeof said !== 'object' || said === null) throw unusable(`its function answered ${describe(said)}`);
  const { actual, target, bound, unit, samples, reason, met } = said as Partial<Measurement>;
  if (typeof target !== 'number' || !Number.isFinite(target)) {
    throw unusable(`its function answered with ${describe(target)} as target`);
  }
  if (met !== undefined && met !== null && typeof met !== 'boolean') {
    throw unusable(`its function answered ${describe(met)} as met`);
  }
  if (actual !== undefined && actual !== null && typeof actual !== 'number') {
    throw unusable(`its function measured ${describe(actual)}`);
  }
  const fixed = {
    target,
    unit: isUnit(unit) || unit === 'perMinute' ? unit : 'count',
    bound: bound === 'min' ? 'min' : 'max',
    samples: typeof samples === 'number' && samples >= 0 ? samples : typeof actual === 'number' ? 1 : 0,
  } as const;
  const why = typeof reason === 'string' ? { reason } : {};
  if (typeof actual === 'number' && Number.isFinite(actual)) {
    const isWithin = fixed.bound === 'max' ? actual <= target : actual >= target;
    return { met: met === undefined ? isWithin : met, actual, ...fixed, confidence: 'high', ...why };
  }
  // A share of nothing is NaN: no data, and no fault.
  const lack = typeof actual === 'number' ? `its function measured ${actual}` : 'its function has no data';
  return { met: met ?? null, actual: null, ...fixed, confidence: 'low', reason: lack, ...why };
}

function unusable(what: string): HotpathError {
  return new HotpathError(what, { code: UNUSABLE });
}

function reasonOf(error: unknown): string {
  if (HotpathError.is(error) && error.code === UNUSABLE) return error.message;
  return `its function threw: ${error instanceof Error ? error.message : describe(error)}`;
}

function noVerdict(reason: string): Judgement {
  const nothing = { met: null, actual: null, target: null, samples: 0, confidence: 'low' } as const;
  return { ...nothing, unit: 'count', bound: 'max', reason };
}
