import { defineConfig } from 'vitest/config'

/** Each file has a network of its own, one after the other: they would take each other's time. */
export default defineConfig({
  test: {
    include: ['test/tor/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 180_000,
    pool: 'forks',
    fileParallelism: false,
    reporters: ['verbose', ['json', { outputFile: process.env.CTOR_TEST_REPORT ?? 'reports/tests-tor.json' }]],
  },
})
