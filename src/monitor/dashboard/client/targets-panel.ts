import type { TargetResult } from '../../targets/target-result.js';
import type { DashboardSnapshot } from '../snapshot.js';
import { element, setAttributes, setText } from './element.js';
import { figure, span } from './figures.js';
import { icon } from './icon.js';
import { KeyedList, type Row } from './keyed-list.js';
import { meter } from './meter.js';
import type { Panel } from './panel.js';
import { marked } from './thin-figure.js';
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
  const asked = element('span');
  const over = element('span', { class: 'over' });
  const target = element('p', { class: 'target' }, asked, over);
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
      setText(actual, marked(figure(result.actual, result.unit), isThin(result)));
      setText(asked, askedText(result));
      setText(over, overText(result));
      // The mark stands where the target is; what is beyond a quarter more runs into the end.
      const limit = result.target ?? 0;
      gauge.show(result.actual === null || limit <= 0 ? null : result.actual / limit / 1.25, 0.8);
      setText(reason, reasonOf(result));
    },
  };
}

function askedText({ target, bound, unit }: TargetResult): string {
  return target === null ? '' : `${bound === 'max' ? 'at most' : 'at least'} ${figure(target, unit)}`;
}

/** The charts may show another time. */
function overText({ windowMs, target }: TargetResult): string {
  if (windowMs === null) return '';
  return `${target === null ? '' : ' · '}last ${span(windowMs)}`;
}

function isThin({ actual, confidence }: TargetResult): boolean {
  return actual !== null && confidence === 'low';
}

function reasonOf(result: TargetResult): string {
  return result.reason ?? (isThin(result) ? `rests on ${counted(result.samples, 'value')} only` : '');
}
