// What the mutants of src/adapters/node meet: the contract tests, with listeners and databases, in one vitest worker.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/contract/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
