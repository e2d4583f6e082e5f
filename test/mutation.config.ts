// What the mutation tests run: the properties alone, since processes and listeners cannot be told which mutant is active.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/properties/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
