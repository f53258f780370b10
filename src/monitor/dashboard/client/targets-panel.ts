import type { TargetResult } from '../../targets/target-result.js';
import type { DashboardSnapshot } from '../snapshot.js';
import { element, setAttributes, setText } from './element.js';
import { figure } from './figures.js';
import { icon } from './icon.js';
import { KeyedList, type Row } from './keyed-list.js';
import { meter } from './meter.js';
import type { Panel } from './panel.js';
import { counted } from './words.js';

const NAMES: Readonly<Record<string, string>> = {
  responseTimeP95: 'Response time p95',
  throughputPerMinute: 'Throughput',
  memoryUsage: 'Memory',
  cpuUsage: 'CPU',
};

const VERDICTS = { met: 'met', missed: 'missed', unknown: 'no verdict' } as const;

/** Each target as a light: shape and word say what the colour does. */
export function targetsPanel(list: HTMLElement): Panel {
  const lights = new KeyedList<[string, TargetResult]>(list, ([name]) => name, lightOf);
  const none = element('li', { class: 'empty' }, 'No targets are set.');
  return {
    show: ({ targets }: DashboardSnapshot) => {
      const all = Object.entries(targets);
      lights.show(all);
      if (all.length === 0) list.append(none);
      else none.remove();
    },
  };
}

function lightOf([name]: [string, TargetResult]): Row<[string, TargetResult]> {
  const signs = { met: icon('met'), missed: icon('missed'), unknown: icon('unknown') };
  const sign = element('span', { class: 'sign' });
  const word = element('span', { class: 'word' });
  const actual = element('p', { class: 'actual' });
  const target = element('p', { class: 'target' });
  const gauge = meter();
  const reason = element('p', { class: 'reason' });
  const head = element(
    'p',
    { class: 'light-name' },
    element('span', {}, NAMES[name] ?? name),
    element('span', { class: 'verdict' }, sign, word),
  );
  const light = element('li', { class: 'light' }, head, actual, target, gauge.element, reason);
  return {
    element: light,
    update: ([, result]) => {
      const verdict = result.met === null ? 'unknown' : result.met ? 'met' : 'missed';
      setAttributes(light, { 'data-verdict': verdict });
      if (sign.firstChild !== signs[verdict]) sign.replaceChildren(signs[verdict]);
      setText(word, VERDICTS[verdict]);
      setText(actual, figure(result.actual, result.unit));
      setText(target, `${result.bound === 'max' ? 'at most' : 'at least'} ${figure(result.target, result.unit)}`);
      // The mark stands where the target is; what is beyond a quarter more runs into the end.
      const reached = result.actual === null || result.target <= 0 ? null : result.actual / result.target / 1.25;
      gauge.show(reached, 0.8);
      setText(reason, reasonOf(result));
    },
  };
}

function reasonOf({ reason, samples, confidence, actual }: TargetResult): string {
  const basis = actual === null || confidence === 'high' ? '' : `rests on ${counted(samples, 'value')} only`;
  return [reason, basis].filter(Boolean).join('; ');
}
