// The picture of docs/architecture.md as rules: an arrow only ever points down, modules of one row never meet.
const MODULES = ['cache', 'sql', 'async', 'memory', 'monitor', 'text', 'vector'];
const COMPOSITIONS = ['llm', 'sql-cache', 'prompt', 'retrieval'];
/** Packages that a host installs only for what needs them. */
const OPTIONAL_PEERS = ['@keyv/redis', '@opentelemetry/api', 'tinypool', 'undici'];
/** Runs in browsers: build/dashboard-client.mjs bundles it with what it imports. `hotpath:dashboard-client` is the outcome. */
const BROWSER_PAGE = 'monitor/dashboard/client/';
const any = (names) => `^src/(${names.join('|')})/`;
const optionalPeers = `(^|/)node_modules/(${OPTIONAL_PEERS.join('|')})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'core-is-the-floor', severity: 'error', from: { path: '^src/core/' }, to: { path: '^src/(?!core/)' } },
    {
      name: 'modules-do-not-meet',
      severity: 'error',
      from: { path: `^src/(${MODULES.join('|')})/` },
      to: { path: any(MODULES), pathNot: '^src/$1/' },
    },
    {
      name: 'modules-look-down',
      severity: 'error',
      from: { path: any(MODULES) },
      to: { path: `^src/(${[...COMPOSITIONS, 'integrations', 'otel', 'cli'].join('|')})/|^src/index\\.ts$` },
    },
    {
      name: 'compositions-do-not-meet',
      severity: 'error',
      from: { path: `^src/(${COMPOSITIONS.join('|')})/` },
      to: { path: any(COMPOSITIONS), pathNot: '^src/$1/' },
    },
    {
      name: 'compositions-look-down',
      severity: 'error',
      from: { path: any(COMPOSITIONS) },
      to: { path: '^src/(integrations|cli)/|^src/index\\.ts$' },
    },
    {
      name: 'nothing-imports-the-command-line',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'library-stands-alone',
      comment: 'src never reaches into tests, benches or examples, nor into a package that is not declared.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples)/' },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'],
        pathNot: [optionalPeers, '^hotpath:dashboard-client$'],
      },
    },
    {
      name: 'no-dev-packages',
      severity: 'error',
      from: { path: `^src/(?!cli/|${BROWSER_PAGE})` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: optionalPeers },
    },
    {
      name: 'optional-peers-load-on-first-use',
      comment: 'A host without the package must be able to import everything: only `await import()` reaches for it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: optionalPeers, dynamic: false },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    doNotFollow: { path: 'node_modules' },
  },
};
