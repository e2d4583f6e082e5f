// The requirements of the specification as data: one sentence each, with its ID and a hash that changes with the sentence.
// Invariant: an ID occurs once; a line that begins like a requirement and is none is an error, not an omission.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface Requirement {
  readonly id: string
  readonly file: string
  readonly level: 'MUST' | 'SHOULD' | 'MAY' | 'definition'
  readonly sentence: string
  /** SHA-256 of the sentence, first 16 hex digits. */
  readonly hash: string
}

/** In reading order. */
const files = ['wire', 'relay', 'auditor', 'evidence', 'consensus'].map((name) => `spec/${name}.md`)
const line = /^- \*\*((?:RELAY|AUD|WIRE|EVID|CONS|INV)-\d{3}\.\d+)\*\* (.+)$/

/** @throws Error where a line is malformed or an ID occurs twice. */
export function requirementsIn(root: string): readonly Requirement[] {
  const all = files.flatMap((file) =>
    paragraphs(readFileSync(root + file, 'utf8')).map((text) => requirementOf(file, text)),
  )
  const seen = new Set<string>()
  for (const { id } of all) {
    if (seen.has(id)) throw new Error(`${id} occurs twice`)
    seen.add(id)
  }
  return all
}

/** List items that begin with a bold ID; a sentence may run over several indented lines. */
function paragraphs(text: string): readonly string[] {
  return text
    .replace(/\n {2,}(?=\S)/g, ' ')
    .split('\n')
    .filter((item) => item.startsWith('- **'))
}

function requirementOf(file: string, text: string): Requirement {
  const [, id, sentence] = line.exec(text) ?? []
  if (id === undefined || sentence === undefined) throw new Error(`${file}: no requirement: ${text}`)
  const level = (['MUST', 'SHOULD', 'MAY'] as const).find((word) => sentence.includes(word)) ?? 'definition'
  return { id, file, level, sentence, hash: createHash('sha256').update(sentence).digest('hex').slice(0, 16) }
}
