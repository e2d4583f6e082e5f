// `npm test` runs `pure` (workers reused: nothing there has state) and `quick`, `npm run test:slow` runs `slow`.
// `unit` is what `npm run check` has time for: a part of `pure`, and the vectors of functions.
// A test file that is in no list belongs to `quick`. All cores work; CTOR_TEST_REPORT names the JSON report.
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const pure = ['test/properties/**/*.test.ts']
const unit = [
  'test/properties/{ct-{b,ch,de,du,ent,ext,sct,sth,t}*,kernel,machines-*,tor-o*}.test.ts',
  'test/conform/answers.test.ts',
]
const slow = [
  'test/e2e/{bad-input,cli,config-daemons,crash,directory,disk-full,evidence,faults,package,verify-command}.test.ts',
  'test/explorer/{auditor,essence,relay-flips,relay-hardened,relay-seed,seeded-bugs}.test.ts',
  'test/conform/{broken,command,counterexamples,hostile,vectors}.test.ts',
  'test/refinement/**/*.test.ts',
  'test/differential/certificates.test.ts',
  'test/fuzz/*.test.ts',
  'test/mutation/confirm.test.ts',
  'test/replay/replay.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: ['test/temporary.ts'],
    setupFiles: ['test/setup.ts'],
    // What ends a hang, and nothing else: a test of half a minute takes three on a machine that is busy with others.
    testTimeout: 400_000,
    hookTimeout: 400_000,
    // vitest's own second is less than a busy machine may steal.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    maxWorkers: availableParallelism(),
    reporters: ['default', ['json', { outputFile: process.env.CTOR_TEST_REPORT ?? 'reports/tests.json' }]],
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'unit', include: unit, isolate: false } },
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...pure, ...slow, 'test/tor/**', 'test/interop/**'],
        },
      },
      { extends: true, test: { name: 'slow', include: slow } },
    ],
  },
})
