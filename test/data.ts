// Real and peer-made data, read where it lies: `../shared/data` beside the project, or CTOR_REAL_DATA.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = process.env.CTOR_REAL_DATA ?? fileURLToPath(new URL('../../shared/data', import.meta.url))

/** For `test.skipIf(noRealData)`: says so in one clear line where the data is not there. */
export const noRealData = !existsSync(`${folder}/README.md`)
if (noRealData) console.warn(`real data not found at ${folder}: tests that need it are skipped (set CTOR_REAL_DATA)`)

export function realBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(`${folder}/${path}`))
}

export function realText(path: string): string {
  return readFileSync(`${folder}/${path}`, 'utf8')
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of each file is its test's business.
export function realJson(path: string): any {
  return JSON.parse(realText(path))
}
