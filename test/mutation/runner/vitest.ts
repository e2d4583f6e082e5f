// What `import … from 'vitest'` means to a test file inside the mutation runner: vitest's own `expect`, our registry.
export { expect } from 'vitest'
export { afterAll, describe, onTestFinished, test } from './registry.ts'
