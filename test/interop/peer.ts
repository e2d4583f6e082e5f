// The peer program (`peer/`), and our own verdicts beside it. Invariant: both read the same lines.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { verifyInclusion } from '../../src/machines/ct/merkle.ts'
import { decodeSfoBody } from '../../src/machines/ct/sfo.ts'
import type { Crypto, Log } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'
import { builtPeer } from './install.ts'
import type { InclusionCase, SfoCase } from './peer-cases.ts'

export type PeerCase = SfoCase | InclusionCase

export interface Verdict {
  readonly id: string
  readonly verdict: 'valid' | 'invalid'
  readonly why: string
}

export function peerVerdicts(cases: readonly PeerCase[]): readonly Verdict[] {
  return runPeer([], cases) as Verdict[]
}

/** How many a second of the valid ones, on one core, by kind. */
export function peerRates(cases: readonly PeerCase[], seconds: number): Readonly<Record<PeerCase['kind'], number>> {
  const rates = runPeer(['-bench', `${seconds}s`], cases) as { kind: PeerCase['kind']; perSecond: number }[]
  return Object.fromEntries(rates.map(({ kind, perSecond }) => [kind, perSecond])) as Record<PeerCase['kind'], number>
}

function runPeer(args: readonly string[], cases: readonly PeerCase[]): unknown[] {
  const folder = mkdtempSync(join(tmpdir(), 'ctor-peer-'))
  try {
    const file = join(folder, 'cases.jsonl')
    writeFileSync(file, cases.map((one) => `${JSON.stringify(one)}\n`).join(''))
    const limits = { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 }
    const { status, stdout, stderr } = spawnSync(builtPeer(), [...args, file], { encoding: 'utf8', ...limits })
    if (status !== 0) throw new Error(`the peer program ended with ${status}: ${stderr}`)
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Later than every SCT of the cases. */
const now = Date.UTC(2027, 0, 1)

export function ownVerdict(crypto: Crypto, one: PeerCase): Verdict {
  const why = one.kind === 'inclusion' ? faultOf(verifyInclusion(crypto, one)) : sfoFault(crypto, one)
  return { id: one.id, verdict: why === '' ? 'valid' : 'invalid', why }
}

function sfoFault(crypto: Crypto, { key, body }: SfoCase): string {
  const list = decodeSfoBody(Buffer.from(body), 1)
  const first = list.ok ? list.value[0] : list
  if (!first?.ok) return first?.error ?? 'empty'
  const log = logOf(crypto, key)
  const listed = first.value.sct.logId === log.logId ? log : undefined
  return faultOf(validateSfo(crypto, listed, first.value, now))
}

export function logOf(crypto: Crypto, key: string): Log {
  const logId = toHex(crypto.sha256(Buffer.from(key, 'base64')))
  return { logId, key, mmd: 86_400_000, url: 'http://127.0.0.1' }
}

function faultOf(result: { readonly ok: true } | { readonly ok: false; readonly error: string }): string {
  return result.ok ? '' : result.error
}
