// A folder for one test file's stores, removed when the file is done.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Answers a path that no other call answers. */
export function temporaryFolder(): () => string {
  const folder = mkdtempSync(join(tmpdir(), 'ctor-store-'))
  let files = 0
  afterAll(() => rmSync(folder, { recursive: true }))
  return () => join(folder, `${files++}.sqlite`)
}
