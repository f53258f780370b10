import type { StoreAnswer } from './rate-limit-store.js';

/** A store may be the host's own: what it answers is checked before it is believed. @throws TypeError for what is no answer */
export function storeAnswer(answer: StoreAnswer): StoreAnswer {
  const { usage } = answer;
  const isUsage =
    usage.requests >= 0 && usage.tokens >= 0 && Number.isFinite(usage.processes) && typeof usage.epoch === 'string';
  const isDecision = answer.granted ? typeof answer.ticket === 'string' : Number.isFinite(answer.waitMs);
  if (!isUsage || !isDecision) throw new TypeError(`no answer of a rate limit's store: ${JSON.stringify(answer)}`);
  return answer;
}
