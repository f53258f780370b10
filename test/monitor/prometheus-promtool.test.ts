import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prometheusText } from '../../src/monitor/exports/prometheus-text.js';
import { seedOf } from '../random.js';
import { findPromtool } from '../services/promtool.js';
import { describeWith } from '../services/service.js';
import { anyReader } from './prometheus-arbitrary.js';
import { fullReader, ReaderDouble } from './reader-double.js';

describeWith('promtool check metrics', await findPromtool(), (start) => {
  const check = async (text: string): Promise<{ code: number; output: string }> => {
    const promtool = await start();
    const { code, output } = await promtool.run(['check', 'metrics'], { input: text });
    return { code, output };
  };

  it('is clean for a monitor that has everything', async () => {
    expect(await check(prometheusText(fullReader()))).toEqual({ code: 0, output: '' });
  });

  it('is clean for one that has seen nothing yet', async () => {
    expect(await check(prometheusText(new ReaderDouble()))).toEqual({ code: 0, output: '' });
  });

  it('is clean whatever hosts call their metrics and labels', async () => {
    const seed = seedOf('promtool on any names');
    for (const reader of fc.sample(anyReader, { numRuns: 25, seed })) {
      const text = prometheusText(reader);
      expect({ ...(await check(text)), text }).toEqual({ code: 0, output: '', text });
    }
  });

  it('complains of what is not clean', async () => {
    const text = prometheusText(fullReader()).replaceAll('hotpath_request_seconds', 'hotpath_request_milliseconds');
    expect((await check(text)).code).not.toBe(0);
  });
});
