// Every vector that is not retired, file by file, asked of this implementation in the same process: quick enough to run under each mutant.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ownSut } from '../../src/adapters/conform/own-sut.ts'
import { answerTo } from '../../src/adapters/conform/sut.ts'
import { messageOf, vector } from '../../src/adapters/conform/vectors.ts'
import { differencesOf } from '../../src/adapters/conform/verdict.ts'

const folder = fileURLToPath(new URL('../vectors', import.meta.url))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /^l[01]/.test(path) && path.endsWith('.json'),
)
const sut = ownSut()

test.each(files.sort())('each vector of %s is answered as it says', (file) => {
  const all: unknown[] = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const vectors = all.map((given) => vector.parse(given)).filter(({ flags }) => !flags.includes('retired'))
  expect(vectors.length).toBeGreaterThan(0)
  for (const one of vectors) {
    const answer = answerTo(sut, JSON.stringify(messageOf(one)))
    if (answer === 'stop' || answer.type !== 'result') throw new Error(`${one.id}: ${JSON.stringify(answer)}`)
    const [difference] = differencesOf(one, answer, [], 1)
    if (difference !== undefined) throw new Error(`${one.id}: ${JSON.stringify(difference)}`)
  }
})
