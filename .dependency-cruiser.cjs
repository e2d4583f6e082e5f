/** Imports point one way: machines <- effects <- adapters; `ct` imports nothing of ours; no clock, no I/O below adapters. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'ct-is-pure',
      severity: 'error',
      from: { path: '^src/machines/ct/' },
      to: { path: '^src/', pathNot: '^src/machines/ct/' },
    },
    {
      name: 'machines-below-effects',
      severity: 'error',
      from: { path: '^src/machines/' },
      to: { path: '^src/(effects|adapters)/' },
    },
    {
      name: 'effects-below-adapters',
      severity: 'error',
      from: { path: '^src/effects/' },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'no-io-below-adapters',
      severity: 'error',
      from: { path: '^src/(machines|effects)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'xstate-in-kernel',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/machines/kernel/' },
      to: { path: 'node_modules/xstate' },
    },
    {
      name: 'dev-log-is-test-equipment',
      severity: 'error',
      from: { path: '^src/adapters/(node|daemon)/' },
      to: { path: '^src/adapters/(dev-log|demo)/' },
    },
    { name: 'src-not-from-test', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench)/' } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
}
