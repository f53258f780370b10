import { defineConfig } from 'tsup';
import { dashboardClientForEsbuild } from './build/dashboard-client.mjs';
import { mergeSmallChunks } from './build/merge-small-chunks.mjs';

const entry = {
  index: 'src/index.ts',
  'async/index': 'src/async/index.ts',
  'cache/index': 'src/cache/index.ts',
  'memory/index': 'src/memory/index.ts',
  'monitor/index': 'src/monitor/index.ts',
  'otel/index': 'src/otel/index.ts',
};

const shared = {
  entry,
  target: 'node20',
  // Off, classes would differ between root and subpath and `instanceof` would fail inside one format.
  splitting: true,
  sourcemap: false,
  treeshake: true,
  removeNodeProtocol: false,
  shims: true,
  esbuildPlugins: [dashboardClientForEsbuild()],
};

export default defineConfig([
  {
    ...shared,
    entry: { ...entry, 'cli/main': 'src/cli/main.ts' },
    format: 'esm',
    dts: { entry },
    clean: true,
    onSuccess: () => mergeSmallChunks('dist'),
  },
  // ESM-only dependencies are bundled here, so that the CommonJS build does not lean on require(esm).
  { ...shared, format: 'cjs', dts: { entry }, noExternal: ['quick-lru'] },
]);
