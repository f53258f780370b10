import { openSync, writeSync } from 'node:fs';
import { AsyncProcessor } from '../../../src/async/async-processor.js';
import type { CheckpointOptions } from '../../../src/async/checkpoint/checkpoint-options.js';
import { fileCheckpointStore } from '../../../src/async/checkpoint/file-checkpoint-store.js';
import type { Outcome } from '../../../src/async/outcome.js';
import { SeededRandom } from '../../random.js';
import { FAILED, type KillJob, POISON } from './kill-plan.js';

// Bundled and run in a process of its own, which is killed.

interface Document {
  readonly id: string;
  readonly index: number;
}

function* documents(count: number): Generator<Document> {
  for (let index = 0; index < count; index++) yield { id: `document-${index}`, index };
}

function isPoison({ index }: Document): boolean {
  return index === POISON;
}

/** Goes over all documents that are left, and gives each outcome away. */
async function goOver(
  { form, concurrency, batch }: KillJob,
  source: Iterable<Document>,
  checkpoint: CheckpointOptions<Document>,
  random: SeededRandom,
  came: (outcome: Outcome<Document, string>) => Promise<void>,
): Promise<void> {
  const processor = new AsyncProcessor({ concurrency });
  const embed = async (documents: readonly Document[]): Promise<string[]> => {
    // Some take longer than others, so that many are done ahead of one.
    if (random.chance(documents.length / 50)) await new Promise(setImmediate);
    if (documents.some(isPoison)) throw new Error('a poison document');
    return documents.map(({ id }) => id);
  };
  const embedOne = async (document: Document): Promise<string> => (await embed([document]))[0]!;
  if (form === 'sink') await processor.process(source, embedOne, { checkpoint, sink: came });
  else if (form.endsWith('batches')) {
    const options = { maxSize: batch, checkpoint, ordered: form === 'ordered batches' };
    for await (const outcome of processor.streamBatches(source, options, embed)) await came(outcome);
  } else {
    const ordered = form === 'ordered stream';
    for await (const outcome of processor.stream(source, embedOne, { checkpoint, ordered })) await came(outcome);
  }
}

async function run(job: KillJob): Promise<void> {
  const { documents: count, checkpoint, record, seed, dieAfter } = job;
  const file = openSync(record, 'a');
  const random = new SeededRandom(seed);
  let left = dieAfter;
  const came = async ({ status, index, item }: Outcome<Document, string>): Promise<void> => {
    if (item.index !== index) throw new Error(`document ${item.index} is said to be at ${index}`);
    if (left === dieAfter) process.stdout.write('begun');
    const isLast = left-- === 0;
    // Some outcomes take their consumer a while, and none of them is done before.
    if (isLast || random.chance(0.01)) await new Promise((resolve) => setTimeout(resolve, 1 + random.next()));
    if (isLast && random.chance(0.5)) process.kill(process.pid, 'SIGKILL');
    writeSync(file, new Uint32Array([status === 'rejected' ? index + FAILED : index]));
    if (isLast) process.kill(process.pid, 'SIGKILL');
  };
  const store = fileCheckpointStore(checkpoint);
  await goOver(job, documents(count), { store, id: ({ id }) => id }, random, came);
}

await run(JSON.parse(process.argv[2]!) as KillJob);
