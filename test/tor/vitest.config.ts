import { defineConfig } from 'vitest/config'

/** Each file has a network of its own, two at once: most of their time they wait for votes. */
export default defineConfig({
  test: {
    include: ['test/tor/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['verbose', ['json', { outputFile: process.env.CTOR_TEST_REPORT ?? 'reports/tests-tor.json' }]],
  },
})
