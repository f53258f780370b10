import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toMs } from '../../src/core/duration.js';
import { ALERT_DEFAULTS } from '../../src/monitor/alerts/alert-rule.js';
import { CHANNEL_EVENTS } from '../../src/monitor/attachments/channel-events.js';
import * as monitorModule from '../../src/monitor/index.js';
import { PerformanceMonitor } from '../../src/monitor/index.js';
import { MONITOR_EVENT_NAMES } from '../../src/monitor/monitor-events.js';
import { MONITOR_DEFAULTS } from '../../src/monitor/monitor-options.js';
import { PROCESS_SERIES } from '../../src/monitor/process-watch.js';
import { PROFILE_DEFAULTS } from '../../src/monitor/profiling/profile-options.js';
import { TARGET_DEFAULTS } from '../../src/monitor/targets/target-options.js';
import { UNITS } from '../../src/monitor/unit.js';
import { namesIn, Page } from './documentation-page.js';

const PAGE = fileURLToPath(new URL('../../docs/monitor.md', import.meta.url));

let page: Page;
beforeAll(async () => {
  page = new Page(await readFile(PAGE, 'utf8'));
});

/** Whether a default is stated as the code has it: durations by their length. */
function expectDefault(stated: string | undefined, name: string, value: unknown): void {
  if (typeof value === 'string' && /^\d+(ms|s|m|h|d)$/.test(value)) {
    expect(toMs(name, stated as never), name).toBe(toMs(name, value as never));
  } else expect(stated?.replaceAll('_', ''), name).toBe(String(value).replaceAll('_', ''));
}

describe('docs/monitor.md', () => {
  const monitor = new PerformanceMonitor();
  afterAll(() => monitor.close());

  it('states the defaults that the code has', () => {
    const options = page.section('Options');
    for (const [name, value] of Object.entries(MONITOR_DEFAULTS))
      expectDefault(page.row(options, name)[2], name, value);
    const targets = page.section('Targets');
    for (const [name, value] of Object.entries(TARGET_DEFAULTS)) expectDefault(page.row(targets, name)[1], name, value);
    const alerts = page.section('Alerts');
    const { maxRules, maxHistory, ...rules } = ALERT_DEFAULTS;
    for (const [name, value] of Object.entries(rules)) expectDefault(page.row(alerts, name)[2], name, value);
    expect(alerts).toContain(`At most ${maxRules} rules`);
    expect(alerts.replace(/\s+/g, ' ')).toContain(`the last ${maxHistory} incidents`);
    const profiling = page.section('Profiling');
    const { breachDuration, ...profiles } = PROFILE_DEFAULTS;
    for (const [name, value] of Object.entries(profiles)) {
      expectDefault(page.row(profiling, `profiles.${name}`)[2], name, value);
    }
    expectDefault(page.row(profiling, 'profileOnBreach.duration')[2], 'profileOnBreach.duration', breachDuration);
  });

  it('has a row for every option, and for no other', () => {
    const table = page.section('Options');
    const known = namesIn(() => new PerformanceMonitor({ nonsense: 1 } as never));
    expect(known.length).toBeGreaterThan(10);
    expect(page.rowNames(table).sort()).toEqual(known.sort());
    const rules = namesIn(() => monitor.alert({ metric: 'ask', when: { above: 1 }, nonsense: 1 } as never));
    for (const name of [...rules, 'target']) page.row(page.section('Alerts'), name);
  });

  it('names every event, every series of the process, every unit and every state of an alert', () => {
    for (const name of MONITOR_EVENT_NAMES) expect(page.section('Events')).toContain(`\`${name}\``);
    for (const name of Object.values(PROCESS_SERIES)) expect(page.section('Series and units')).toContain(`\`${name}\``);
    for (const unit of Object.keys(UNITS)) expect(page.section('Series and units')).toContain(`\`'${unit}'\``);
    for (const state of ['inactive', 'pending', 'firing', 'resolving']) page.row(page.section('Alerts'), state);
  });

  it('names the channels that can be listened to, and the events of them that become marks', () => {
    const attach = page.section('Attach');
    expect(page.row(attach, 'subscribeChannels.modules')[2]).toBe(`all that are known: ${Object.keys(CHANNEL_EVENTS)}`);
    for (const { rules } of Object.values(CHANNEL_EVENTS)) {
      const marked = rules.filter((rule) => rule.markedWith !== undefined);
      for (const { event } of marked) expect(attach).toContain(`\`${event}\``);
    }
  });

  it('names functions and constants that the module has', () => {
    const functions = new Set([...page.text.matchAll(/\b(\w+(?:Sink|Performance|Timing))\(/g)].map(([, name]) => name));
    const constants = [...page.text.matchAll(/`([A-Z]+_DEFAULTS)`/g)].map(([, name]) => name);
    expect([functions.size, constants.length]).toEqual([4, 4]);
    expect(Object.keys(monitorModule)).toEqual(expect.arrayContaining([...functions, ...constants]));
  });

  it('names the metrics that every Prometheus text has', () => {
    const exports = page.section('Exports');
    const metrics = [...monitor.prometheus().matchAll(/^# TYPE (\S+) (?!histogram)/gm)].map(([, name = '']) => name);
    expect(metrics.length).toBeGreaterThan(8);
    for (const name of metrics) expect(exports).toContain(`\`${name}`);
  });
});
