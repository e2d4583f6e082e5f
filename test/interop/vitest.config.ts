import { defineConfig } from 'vitest/config'

/** Building a real log for the first time takes minutes; two at once would take each other's time. */
export default defineConfig({
  test: {
    include: ['test/interop/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    fileParallelism: false,
    reporters: ['default', ['json', { outputFile: process.env.CTOR_TEST_REPORT ?? 'reports/tests-interop.json' }]],
  },
})
