/**
 * Imports point one way (ARCHITECTURE.md, "The house"): protocol ← everything; configuration, database, keys ← registry ←
 * authentication ← the doors; ledger ← issuance ← doors. A broken rule fails the build.
 */
const only = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.spec\\.ts$' },
  to: { path: '^(src|packages|tools|test)/', pathNot: to },
});

const below = {
  configuration: [],
  database: ['configuration'],
  observability: ['configuration', 'database'],
  keys: ['configuration', 'observability'],
  'recovery-log': ['configuration'],
  http: ['configuration', 'observability', 'database', 'keys', 'recovery-log'],
  'rate-limits': ['configuration', 'database', 'observability'],
  registry: ['configuration', 'database', 'keys', 'http', 'observability', 'recovery-log'],
  'audit-trail': ['registry'],
  authentication: ['configuration', 'database', 'keys', 'http', 'registry', 'rate-limits', 'observability'],
  enrolment: [
    'configuration',
    'database',
    'keys',
    'http',
    'registry',
    'authentication',
    'audit-trail',
    'rate-limits',
    'observability',
    'recovery-log',
  ],
  ledger: ['configuration', 'database', 'keys', 'http', 'registry', 'authentication', 'rate-limits', 'observability'],
  issuance: ['configuration', 'database', 'keys', 'http', 'registry', 'authentication', 'observability', 'ledger'],
  reissue: [
    'configuration',
    'database',
    'keys',
    'http',
    'registry',
    'authentication',
    'observability',
    'ledger',
    'issuance',
  ],
  officials: ['configuration', 'database', 'keys', 'http', 'registry', 'audit-trail', 'rate-limits', 'observability'],
  'public-check': ['configuration', 'database', 'keys', 'http', 'registry', 'rate-limits', 'observability', 'ledger'],
  'console-api': [
    'recovery-log',
    'configuration',
    'database',
    'keys',
    'http',
    'registry',
    'enrolment',
    'observability',
    'ledger',
    'officials',
    'log-analytics',
    'public-check',
  ],
  recovery: [
    'configuration',
    'database',
    'keys',
    'registry',
    'enrolment',
    'observability',
    'recovery-log',
    'log-analytics',
  ],
  'log-analytics': ['configuration', 'database', 'http', 'registry', 'authentication', 'rate-limits', 'observability'],
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(\\.spec\\.ts|/main\\.ts|/vite\\.config\\.ts|/bin/[^/]+\\.js|\\.d\\.ts)$' },
      to: {},
    },
    only(
      'protocol-imports-nothing-of-ours',
      '^packages/protocol/',
      '^packages/protocol/',
      'The words depend on nobody who speaks them.',
    ),
    only(
      'till-knows-only-the-protocol',
      '^packages/billing-interface/',
      '^packages/(protocol|billing-interface)/',
      'A till is no server.',
    ),
    only(
      'server-knows-no-till',
      '^src/',
      '^(src/|packages/protocol/)',
      'The server and the till meet on the wire alone.',
    ),
    only(
      'tools-know-no-server',
      '^tools/',
      '^(tools/|packages/)',
      'Tools start the server as anybody would; the audit shares nothing with it.',
    ),
    {
      name: 'console-knows-only-the-words',
      severity: 'error',
      comment:
        'The browser gets no more of the protocol than the console’s words, and the server’s sources not at all. Types cost nothing.',
      from: { path: '^packages/console/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(src|packages|tools|test)/',
        pathNot: '^packages/(console|protocol/src/console)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'audit-stands-alone',
      severity: 'error',
      from: { path: '^tools/audit/' },
      to: { path: '^tools/(?!audit/|screen/)' },
    },
    {
      name: 'no-framework-at-the-till',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: 'node_modules/(@nestjs|typeorm|pg)(/|$)' },
    },
    ...Object.entries(below).map(([module, allowed]) =>
      only(
        `${module}-imports`,
        `^src/${module}/`,
        `^(packages/protocol/|src/(${[module, ...allowed].join('|')})/)`,
        'See the order of modules in ARCHITECTURE.md.',
      ),
    ),
    {
      name: 'nothing-imports-the-wiring',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|app\\.module)\\.ts$|\\.spec\\.ts$' },
      to: { path: '^src/(main|app\\.module)\\.ts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'types', 'import', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js'],
    },
  },
};
