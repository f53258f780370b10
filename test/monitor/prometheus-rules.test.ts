import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPromtool, type Promtool } from '../services/promtool.js';
import { describeWith } from '../services/service.js';
import { dashboardQueries, exportedMetrics, metricsIn, RULES_FILE, ruleExpressions } from './prometheus-world.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const rules = await readFile(RULES_FILE, 'utf8');

describeWith('the Prometheus rules, by promtool', await findPromtool(), (start) => {
  let promtool: Promtool;
  let folder: string;
  beforeAll(async () => {
    promtool = await start();
    folder = await mkdtemp(join(tmpdir(), 'hotpath-rules-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are valid, and the linter has nothing against them', async () => {
    const { code, output } = await promtool.run(['check', 'rules', '--lint=all', '--lint-fatal', RULES_FILE]);
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(code).toBe(0);
  });

  it.each([
    ['page when budgets burn, and stay silent on little traffic and within budgets', 'prometheus-rules.hours.yml'],
    ['look at days: tickets for slow burns, none after the trouble has ended', 'prometheus-rules.days.yml'],
  ])(
    '%s',
    async (_what, file) => {
      const { code, output } = await promtool.run(['test', 'rules', file], { cwd: HERE });
      expect(output).toContain('SUCCESS');
      expect(code, output).toBe(0);
    },
    60_000,
  );

  it('share a language with the queries of the Grafana dashboard', async () => {
    const queries = await dashboardQueries();
    const lines = queries.map((query, i) => `- { record: "q:${i}", expr: ${JSON.stringify(query)} }`);
    const file = join(folder, 'queries.yml');
    await writeFile(file, `groups: [{ name: q, rules: [\n${lines.map((line) => line.slice(2)).join(',\n')}\n]}]\n`);
    const { code, output } = await promtool.run(['check', 'rules', file]);
    expect(code, output).toBe(0);
    expect(output).toContain(`SUCCESS: ${queries.length} rules found`);
  });
});

describe('the Prometheus rules', () => {
  it('read metrics and labels that the exporter writes', async () => {
    const exported = exportedMetrics();
    const expressions = ruleExpressions(rules);
    expect(expressions.length).toBeGreaterThan(20);
    for (const expression of expressions) {
      for (const [metric, labels] of metricsIn(expression)) {
        expect([...(exported.get(metric) ?? [`no ${metric}`])], expression).toEqual(expect.arrayContaining(labels));
      }
    }
  });

  it('name metrics in their texts that the exporter writes', () => {
    const exported = exportedMetrics();
    const named = rules.match(/(?<![\w:])hotpath_\w+\w(?!\w)/g) ?? [];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !exported.has(name))).toEqual([]);
  });

  it('use no recorded series that they do not record', () => {
    const recorded = new Set([...rules.matchAll(/record: (\S+)/g)].map(([, name]) => name));
    const used = rules.match(/job_operation:\w+:\w+/g) ?? [];
    expect(used.length).toBeGreaterThan(recorded.size);
    expect(used.filter((name) => !recorded.has(name))).toEqual([]);
  });

  it('say with each alert how urgent it is, what happens and what to do', () => {
    const alerts = rules.split(/^ +- alert: /m).slice(1);
    expect(alerts.length).toBeGreaterThanOrEqual(11);
    for (const alert of alerts) {
      expect(alert).toMatch(/severity: (page|ticket)$/m);
      for (const text of ['summary', 'description', 'runbook']) expect(alert).toContain(`${text}: `);
    }
  });
});
