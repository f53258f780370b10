import { ChaosNode } from './chaos-node.js';
import type { NodeCommands, NodeMessage, NodeRequest } from './node-process.js';
import { readBurst, readRepeatedly } from './node-reads.js';
import { runWorkload, type SharedToken } from './random-workload.js';

// One node as a process of its own: opened, asked and closed over IPC by node-process.ts.
let node: ChaosNode | undefined;
const tokens: SharedToken[] = [];

const open = (): ChaosNode => {
  if (!node) throw new Error('the node is not open');
  return node;
};

const tell = (message: NodeMessage): void => {
  // The parent may be gone, or have closed the channel: then nobody wants to know.
  process.send?.(message, undefined, undefined, () => {});
};

const handlers: { [Name in keyof NodeCommands]: (args: NodeCommands[Name]['args']) => Promise<unknown> } = {
  open: async (config) => {
    node = new ChaosNode(config);
    node.onLoad = (row) => tell({ loading: row });
    await node.cache.ready();
  },
  read: (read) => open().read(read),
  call: async ({ method, args }) => {
    const { cache } = open();
    return (cache[method] as (...given: unknown[]) => unknown).apply(cache, [...args]);
  },
  loads: async () => open().loads,
  burst: (burst) => readBurst(open(), burst),
  readRepeatedly: (reads) => readRepeatedly(open(), reads),
  workload: (workload) => {
    open().onLoad = undefined;
    return runWorkload(open(), workload, tokens, (token) => tell({ token }));
  },
  close: async () => {
    await node?.close();
    setImmediate(() => process.exit());
  },
};

process.on('message', (request: NodeRequest | { readonly token: SharedToken }) => {
  if ('token' in request) {
    tokens.push(request.token);
    return;
  }
  const { id, command, args } = request;
  (handlers[command] as (given: unknown) => Promise<unknown>)(args).then(
    (result) => tell({ id, result }),
    (error: Error) => tell({ id, error: `${error.name}: ${error.message}` }),
  );
});

process.on('disconnect', () => process.exit());
