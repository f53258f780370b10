// Child of estimate-bytes: makes each shape in bulk and prints what one of them takes, and what we take it for, as JSON.
import { estimateBytes } from '../src/core/estimate-bytes.js';
import { SHAPES, type Shape } from './estimate-bytes-shapes.js';

const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('This needs node --expose-gc.');

async function memoryUsed(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    gc!();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function weigh({ name, count, make }: Shape): Promise<{ name: string; bytes: number; estimate: number }> {
  // First without keeping them: shapes and compiled code are there before anything is weighed.
  for (let n = 0; n < count / 2; n++) make(n);
  const kept = new Array<unknown>(count).fill(null);
  const before = await memoryUsed();
  for (let n = 0; n < count; n++) kept[n] = make(n);
  const bytes = ((await memoryUsed()) - before) / count;
  let sum = 0;
  for (const value of kept) sum += estimateBytes(value);
  return { name, bytes, estimate: sum / count };
}

const weights = [];
for (const shape of SHAPES) weights.push(await weigh(shape));
process.stdout.write(JSON.stringify(weights));
