// A dictionary for the mutations: the texts that the seeds and the code under test are made of.
// Invariant: bounded in number and length; the same sources give the same words in the same order.
import { readFileSync } from 'node:fs'

const maxWords = 2048
const maxWordBytes = 64

/** String literals of source files: keywords, member names, error texts (which do no harm). */
export function literalsOf(files: readonly string[]): readonly Uint8Array[] {
  const texts = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/'([^'\\\n]{2,64})'/g)].map(([, text]) => text as string),
  )
  return wordsOf(texts)
}

/** Words, numbers and members as they stand in readable seeds. */
export function wordsIn(seeds: readonly Uint8Array[]): readonly Uint8Array[] {
  return wordsOf(
    seeds.slice(0, 64).flatMap(
      (seed) =>
        Buffer.from(seed)
          .toString('latin1')
          .match(/[\w-]{2,64}/g) ?? [],
    ),
  )
}

function wordsOf(texts: readonly string[]): readonly Uint8Array[] {
  const fitting = [...new Set(texts)].filter((text) => text.length <= maxWordBytes)
  return fitting.slice(0, maxWords).map((text) => Buffer.from(text, 'latin1'))
}
