// Demo: the SFOs that browsers would submit, each with a valid SCT of one of the demo's logs.
// Invariant: every SFO is of a chain that a real X.509 CA signed: the demo's own, or real public ones from a file.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { decodeSct } from '../../machines/ct/sct.ts'
import type { LeafId, LogId, Sfo } from '../../machines/ct/types.ts'
import { validateSfo } from '../../machines/ct/validate.ts'
import { createCa } from '../dev-log/ca.ts'
import type { DevLog } from '../dev-log/server.ts'
import { nodeCrypto } from '../node/crypto.ts'

export interface Submission {
  readonly sfo: Sfo
  readonly leafId: LeafId
  readonly logId: LogId
  readonly kind: string
}

const keyTypes = ['rsa-2048', 'p-256'] as const
const deliveries = ['embedded', 'tls'] as const
const lengths = [2, 3] as const

/** For each log every combination of key type, chain length and delivery: 8 SFOs a log. */
export async function ownChains(logs: readonly DevLog[]): Promise<Submission[]> {
  const all: Submission[] = []
  for (const keyType of keyTypes) {
    for (const length of lengths) {
      const ca = await createCa({ keyType, intermediates: length === 3 ? 1 : 0 })
      for (const delivery of deliveries) {
        const kind = `${keyType}, ${length} certificates, ${delivery} SCT`
        for (const log of logs) all.push(submission((await ca.issue({ log, delivery })).sfo, log, kind))
      }
    }
  }
  return all
}

const realCases = z.array(z.looseObject({ source: z.string(), chain: z.array(z.base64()).min(1) })).min(1)

/**
 * Real public chains: each is submitted to every log of the demo, and its SCT from there goes beside it, as TLS does it.
 * (Their own logs are not on this machine, so nothing could be proven of their own SCTs.) A chain that is listed twice counts once.
 */
export function realChains(path: string, logs: readonly DevLog[]): Submission[] {
  const parsed = realCases.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`)
  const chains = new Map(parsed.data.map(({ source, chain }) => [chain[0], { source, chain }]))
  return [...chains.values()].flatMap(({ source, chain }) => {
    const der = chain.map((certificate) => new Uint8Array(Buffer.from(certificate, 'base64')))
    return logs.map((log) => {
      const reply = log.addChain(der)
      if (!reply.ok) throw new Error(`${path}: ${source}: the log refused the chain: ${reply.detail}`)
      const sct = decodeSct(reply.value)
      if (!sct.ok) throw new Error(`${path}: ${source}: ${sct.detail}`)
      return submission({ chain: der, sct: sct.value }, log, `${source}, ${der.length} certificates, TLS SCT`)
    })
  })
}

const crypto = nodeCrypto()

function submission(sfo: Sfo, { log }: DevLog, kind: string): Submission {
  const valid = validateSfo(crypto, log, sfo, Date.now())
  if (!valid.ok) throw new Error(`${kind}: ${valid.error}: ${valid.detail}`)
  return { sfo, leafId: valid.value.leafId, logId: log.logId, kind }
}
