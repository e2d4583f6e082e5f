// What cites requirements, as read from the project: tests, vectors, broken implementations, machines, the formal model, code.
// Invariant: nothing is run; each citation names the file that it stands in.
import { readdirSync, readFileSync } from 'node:fs'
import { circuitMachine } from '../../machines/auditor/circuit.ts'
import { logViewMachine } from '../../machines/auditor/log-view.ts'
import { reportMachine } from '../../machines/auditor/report.ts'
import { roundMachine } from '../../machines/auditor/round.ts'
import { sfoMachine } from '../../machines/auditor/sfo.ts'
import { tableOf } from '../../machines/kernel/structure.ts'
import { relayMachine } from '../../machines/relay/machine.ts'
import { idsIn, titlesIn } from './identifiers.ts'
import { isRefusal, type RawVector } from './refusal.ts'

/** `id` as it is written; `name` is what a reader looks for: a title, a vector, a transition, a definition. */
export interface Citation {
  readonly id: string
  readonly file: string
  readonly name: string
}

export interface VectorCitation extends Citation {
  readonly refusal: boolean
}

/** A broken implementation of one requirement, and vectors that it fails. */
export interface Caught {
  readonly req: string
  readonly vectors: readonly string[]
}

export interface Sources {
  readonly model: readonly Citation[]
  readonly transitions: readonly Citation[]
  readonly tests: readonly Citation[]
  readonly vectors: readonly VectorCitation[]
  readonly caught: Readonly<Record<string, Caught>>
  /** Code, benchmarks and examples: read for unknown IDs alone. */
  readonly mentions: readonly Citation[]
}

export const caughtFile = 'examples/broken/caught.json'
const machines = [relayMachine, sfoMachine, roundMachine, circuitMachine, logViewMachine, reportMachine]

export function sourcesIn(root: string): Sources {
  const read = (path: string): string => readFileSync(root + path, 'utf8')
  const files = (folder: string, ends: RegExp): readonly string[] =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => ends.test(path))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
      .sort()
  return {
    model: files('spec/quint', /\.qnt$/).flatMap((file) => definitionsIn(file, read(file))),
    transitions: transitions(),
    tests: files('test', /\.ts$/).flatMap((file) =>
      titlesIn(read(file)).flatMap(({ title, ids }) => ids.map((id) => ({ id, file, name: title }))),
    ),
    vectors: files('test/vectors', /^l\d[\\/].*\.json$/).flatMap((file) => vectorsIn(file, read(file))),
    caught: JSON.parse(read(caughtFile)) as Sources['caught'],
    mentions: ['src', 'test', 'bench', 'examples', 'spec/quint']
      .flatMap((folder) => files(folder, /\.(ts|go|qnt)$/))
      .flatMap((file) => idsIn(read(file)).map((id) => ({ id, file, name: '' }))),
  }
}

/** Each definition of the model with the IDs of the comment above it; a comment that is above none stands for its file. */
export function definitionsIn(file: string, text: string): readonly Citation[] {
  let pending: readonly string[] = []
  const found: Citation[] = []
  for (const line of text.split('\n')) {
    const [, name] = /^\s*(?:pure |nondet )?(?:val|def|run|action|temporal) (\w+)/.exec(line) ?? []
    pending = [...pending, ...idsIn(line)]
    if (/^\s*\/\//.test(line)) continue
    found.push(...pending.map((id) => ({ id, file, name: name ?? '' })))
    pending = []
  }
  return found
}

function transitions(): readonly Citation[] {
  return machines.flatMap((machine) =>
    tableOf(machine).flatMap(({ state, event, guard, req }) =>
      req.map((id) => ({ id, file: machine.id, name: `${state} ${event} ${guard ?? ''}`.trim() })),
    ),
  )
}

function vectorsIn(file: string, text: string): readonly VectorCitation[] {
  return (JSON.parse(text) as readonly RawVector[])
    .filter(({ flags }) => flags?.includes('retired') !== true)
    .flatMap((one) => one.reqs.map((id) => ({ id, file, name: one.id, refusal: isRefusal(one) })))
}
