// Votes of directory authorities on the content of the CT extension document, merged [CONS-007].
// Invariant: the result depends on the set of votes alone, and what fewer than half of the authorities want is not in it: but for
// tree heads, of which a log's own signature makes one vote enough.
import { verifySth } from '../ct/sth.ts'
import type { Crypto, Log, Result, Sth } from '../ct/types.ts'
import { type Items, itemErrors } from './consensus-items.ts'
import { contentOf, isContent, readContent } from './extension-document.ts'
import { auditorLine, ctrLine, logLine, paramsLine, sthLine } from './item-lines.ts'

export const mergeErrors = {
  badVote: 'a vote is no content of a CT extension document',
  tooManyVotes: 'more votes than authorities',
  ...itemErrors,
} as const

export type MergeError = keyof typeof mergeErrors

/** `votes`: a content each, one an authority; `authorities`: how many there are, whether or not they voted. */
export function mergeVotes(crypto: Crypto, votes: readonly string[], authorities: number): Result<string, MergeError> {
  if (votes.length > authorities) return refuse('tooManyVotes')
  const read: Items[] = []
  for (const vote of votes) {
    const items = isContent(vote) ? readContent(crypto, vote) : null
    if (items === null || !items.ok) return refuse('badVote')
    read.push(items.value)
  }
  const wanted = (lines: (items: Items) => readonly string[]) => majority(read.map(lines), authorities)
  const logs = wanted((items) => [...items.logs.values()].map(logLine))
  const taken = read.flatMap((items) => [...items.logs.values()]).filter((log) => logs.includes(logLine(log)))
  const params = mergeParams(read, authorities)
  const merged = contentOf([
    ...(Object.keys(params).length === 0 ? [] : [paramsLine(params)]),
    ...logs,
    ...newestSths(crypto, new Map(taken.map((log) => [log.logId, log])), read),
    ...wanted((items) => [...items.ctrs.values()].map(ctrLine)),
    ...wanted((items) => [...items.auditors.values()].map(auditorLine)),
  ])
  const checked = readContent(crypto, merged)
  return checked.ok ? { ok: true, value: merged } : refuse(checked.error as MergeError)
}

/** Lines that more than half of the authorities have, ascending. A vote has no line twice. */
function majority(votes: readonly (readonly string[])[], authorities: number): readonly string[] {
  const counts = new Map<string, number>()
  for (const line of votes.flat()) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts].flatMap(([line, count]) => (count * 2 > authorities ? [line] : [])).sort()
}

/** Of each log the newest tree head that it signed; of equally new ones that with the greatest line. */
function newestSths(crypto: Crypto, logs: ReadonlyMap<string, Log>, votes: readonly Items[]): readonly string[] {
  const byLine = new Map(votes.flatMap(({ sths }) => [...sths.values()]).map((sth) => [sthLine(sth), sth]))
  const lines = [...byLine.keys()].sort().reverse()
  const newestFirst = lines.map((line) => byLine.get(line) as Sth).sort((a, b) => b.timestamp - a.timestamp)
  const newest = new Map<string, string>()
  for (const sth of newestFirst) {
    const log = logs.get(sth.logId)
    if (log === undefined || newest.has(sth.logId)) continue
    if (verifySth(crypto, log, sth)) newest.set(sth.logId, sthLine(sth))
  }
  return [...newest.values()].sort()
}

/** Low medians, by name. */
function mergeParams(votes: readonly Items[], authorities: number): Readonly<Record<string, number>> {
  const names = new Set(votes.flatMap(({ params }) => Object.keys(params ?? {})))
  return Object.fromEntries(
    [...names].sort().flatMap((name) => {
      const values = votes.flatMap(({ params }) => params?.[name] ?? []).sort((a, b) => a - b)
      return values.length * 2 > authorities ? [[name, values[(values.length - 1) >> 1] as number]] : []
    }),
  )
}

function refuse(error: MergeError): Result<never, MergeError> {
  return { ok: false, error, detail: mergeErrors[error] }
}
