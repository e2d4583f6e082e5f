// One global seed for every property. A failed one ends with the line that replays it: the seed, and which
// property of its test failed on which path of fast-check (CTOR_PATH=n/path), so that nothing is run or shrunk anew.

import { relative } from 'node:path'
import fc, { type RunDetails } from 'fast-check'
import { beforeEach, expect } from 'vitest'

const given = process.env.CTOR_SEED
const seed = given === undefined ? Date.now() & 0x7fffffff : Number(given)
if (!Number.isInteger(seed)) throw new Error(`CTOR_SEED: an integer is wanted, given ${given}`)

const asked = process.env.CTOR_PATH
const [nth, path] = asked?.match(/^(\d+)\/(\d+(?::\d+)*)$/)?.slice(1) ?? []
if (asked !== undefined && path === undefined) throw new Error(`CTOR_PATH: n/path is wanted, given ${asked}`)

let asserted = 0

function configure(): void {
  const replays = path !== undefined && asserted === Number(nth)
  fc.configureGlobal({ seed, reporter, ...(replays ? { path, endOnFailure: true } : {}) })
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** The title as a pattern for `-t`, which is a regular expression over the whole name. */
function exactly(title: string): string {
  return `^${title.replaceAll(' > ', ' ').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`
}

function replayLine(out: RunDetails<unknown>): string {
  const { testPath, currentTestName } = expect.getState()
  const file = relative(process.cwd(), testPath ?? '')
  const way = out.counterexamplePath === null ? '' : ` CTOR_PATH=${asserted}/${out.counterexamplePath}`
  const title = shellQuoted(exactly(currentTestName ?? ''))
  return `Replay: CTOR_SEED=${out.seed}${way} npx vitest run ${file} -t ${title}`
}

function reporter(out: RunDetails<unknown>): void {
  if (out.failed) {
    throw new Error(`${fc.defaultReportMessage(out)}\n\n${replayLine(out)}\n`, { cause: out.errorInstance })
  }
  asserted += 1
  configure()
}

configure()
beforeEach(() => {
  asserted = 0
  configure()
})
