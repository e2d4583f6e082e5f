// All vectors by file, their manifest and the schemas [spec/conformance.md, Files].
// Invariant: a pure function of the code: two runs give the same bytes.

import { toWireObject } from '../json.ts'
import { choiceDrafts } from './bytes-choices.ts'
import { derDrafts } from './bytes-der.ts'
import { directoryDrafts } from './bytes-directory.ts'
import { evidenceDrafts } from './bytes-evidence.ts'
import { proofDrafts } from './bytes-proofs.ts'
import { sctDrafts } from './bytes-scts.ts'
import { sfoDrafts } from './bytes-sfos.ts'
import { staticCtDrafts } from './bytes-static-ct.ts'
import { torDrafts } from './bytes-tor.ts'
import { counterexampleDrafts } from './counterexamples.ts'
import { canonical, idOf, namer, since, type VectorLine, vectorsL0 } from './draft.ts'
import { errataDrafts } from './errata.ts'
import { type Files, renderVectors } from './files.ts'
import { modelDrafts } from './model-traces.ts'
import { keyReadings } from './readings-keys.ts'
import { lineReadings } from './readings-lines.ts'
import { proofReadings } from './readings-proofs.ts'
import { sfoReadings } from './readings-sfos.ts'
import { torReadings } from './readings-tor.ts'
import { scenarioDrafts } from './scenarios.ts'
import { schemaFiles } from './schemas.ts'
import { sequenceDrafts } from './sequences.ts'
import { tourDrafts } from './tour.ts'
import { type DraftL1, vectorL1 } from './trace-draft.ts'

export const folders = ['test/vectors', 'spec/schemas'] as const

export interface Generated {
  readonly files: Files
  /** Vectors by function or machine. */
  readonly counts: ReadonlyMap<string, number>
}

/** `searched`: also what the explorer and the model's simulator find; that takes them a minute. */
export async function generate(searched = true): Promise<Generated> {
  // Their processes run while the explorer does.
  const modelled = searched ? Promise.all([modelDrafts(), errataDrafts()]) : Promise.resolve([[], []])
  const files = new Map<string, string>()
  const counts = new Map<string, number>()
  const add = (path: string, vectors: readonly VectorLine[]) => {
    const parts = partsOf(vectors)
    for (const [at, part] of parts.entries())
      files.set(`test/vectors/${path}${parts.length === 1 ? '' : `-${at + 1}`}.json`, renderVectors(part))
    for (const one of vectors) {
      const subject = `${one.level} ${one.function ?? one.machine}`
      counts.set(subject, (counts.get(subject) ?? 0) + 1)
    }
  }
  const byTopic = [
    sctDrafts,
    sfoDrafts,
    derDrafts,
    proofDrafts,
    staticCtDrafts,
    evidenceDrafts,
    torDrafts,
    directoryDrafts,
    choiceDrafts,
    sfoReadings,
    proofReadings,
    torReadings,
    lineReadings,
    keyReadings,
  ]
  const bytes = vectorsL0(byTopic.flatMap((drafts) => drafts()))
  for (const [name, vectors] of grouped(bytes, (one) => String(one.function))) add(`l0/${name}`, vectors)
  const scenarios = scenarioDrafts()
  const tour = searched ? tourDrafts() : []
  const sequences = sequenceDrafts(scenarios)
  const counterexamples = searched ? counterexampleDrafts() : []
  const [model, errata] = await modelled
  const known = new Set([...tour, ...scenarios, ...sequences, ...counterexamples].map(runOf))
  const others = model.filter((draft) => !known.has(runOf(draft)))
  const topics = { tour, scenarios, sequences, counterexamples: [...counterexamples, ...errata], model: others }
  for (const [topic, drafts] of Object.entries(topics))
    for (const [name, vectors] of grouped(vectorsL1(topic, drafts), fileOf)) add(`l1/${name}-${topic}`, vectors)
  for (const [path, text] of schemaFiles()) files.set(path, text)
  files.set('test/vectors/manifest.json', `${JSON.stringify(manifest, null, 2)}\n`)
  return { files, counts }
}

/** What two vectors must not share. */
function runOf({ machine, preset, config, events }: DraftL1): string {
  return canonical(toWireObject({ machine, preset, config, events }))
}

const maxFileLength = 900_000

/** Files that an editor opens. */
function partsOf(vectors: readonly VectorLine[]): readonly (readonly VectorLine[])[] {
  const parts: VectorLine[][] = [[]]
  let length = 0
  for (const one of vectors) {
    const more = JSON.stringify(one).length + 2
    if (length + more > maxFileLength) {
      parts.push([])
      length = 0
    }
    parts.at(-1)?.push(one)
    length += more
  }
  return parts
}

function vectorsL1(topic: string, drafts: readonly DraftL1[]): readonly VectorLine[] {
  const id = namer()
  return drafts.map((draft) => vectorL1(id(idOf(`L1-${draft.machine}-${topic}-${draft.name}`)), draft))
}

/** The relay's vectors by profile, others by machine. */
function fileOf({ id, machine }: VectorLine): string {
  const [, profile] = /^L1-relay-[a-z]+-(hardened|seed)-/.exec(id) ?? []
  return profile === undefined ? String(machine) : `${machine}-${profile}`
}

function grouped<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

const manifest = {
  version: since,
  license: 'CC0-1.0',
  schema: 'spec/schemas/vector.json',
  reqs: 'L0 vectors name the requirement (RELAY-111.3) where they are about one sentence, its family (WIRE-006) where they serve more than one. L1 vectors name families: those of the transition that the last event takes, and those that a scenario was written for.',
  flags: { retired: 'no longer run; its ID is not used again' },
  features: {},
  provenance: {
    directed: 'made for a requirement',
    'mutation:<operator>': 'a right case after the named operator',
    tour: "a shortest run of the explorer's minimal world to one transition with one outcome",
    counterexample: 'the shortest run in which a machine with the one bug that the comment names is seen to be wrong',
    'model:<module>':
      'a beginning of a random trace of that module of the formal model, or of a counterexample to an erratum',
    'sequence:<operator>': 'a scenario whose events were changed by the named operator',
  },
  operators: {
    'truncate-1': 'the last byte is left out',
    'truncate-half': 'the second half is left out',
    'drop-first': 'the first byte is left out',
    'append-byte': '00 behind',
    'prepend-byte': '00 before',
    'append-copy': 'the whole once more',
    'flip-bit': 'one bit is the other',
    'non-minimal-length': 'a DER length takes one octet more than it needs',
    'indefinite-length': 'a BER length without end',
    'lower-upper-s': 'n - s in place of s',
    'swap-order': 'a list in reverse',
    'drop-path-element': 'the first hash of a path is left out',
    'drop-last-element': 'the last hash of a path is left out',
    'repeat-path-element': 'the last hash of a path twice',
    'drop-tile': 'the first tile is left out',
    'repeat-tile': 'the first tile once more, behind',
    'append-hash': '32 bytes of 00 behind the first tile',
    'root-flip-bit': 'one bit of the root is the other',
    'index-at-size': 'the index that the next leaf will have',
    'index+1': 'the next leaf',
    'size+1': 'one more',
    'duplicate-extension': 'the SCT list extension twice',
    'repeat-last': 'the last event twice',
    drop: 'one event is left out',
    swap: 'two neighbouring events are exchanged',
    'stale-round': 'the last event is of the round before',
    'instant-1': 'the last event one millisecond earlier',
    'instant+1': 'the last event one millisecond later',
    'no-draws': 'the last event brings no draws',
  },
} as const
