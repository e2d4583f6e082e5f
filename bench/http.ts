// An auditor under load [AUD-027]: from HTTP request to durable row, every SFO validated, each request a fresh circuit with its own proof
// to be a CTR. Beside it, in the same run, what the machine verifies of bare P-256 signatures: the ratio is what counts.
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { startAuditor } from '../src/adapters/daemon/auditor.ts'
import { auditorSchema } from '../src/adapters/daemon/auditor-config.ts'
import { newAuthority, writeConsensus } from '../src/adapters/dev-log/consensus.ts'
import { nodeCrypto } from '../src/adapters/node/crypto.ts'
import { ctrIdOf, generateKey, writeKey } from '../src/adapters/node/ctr-key.ts'
import type { Log } from '../src/machines/ct/types.ts'
import { parseConsensusDocument } from '../src/machines/tor/consensus-document.ts'
import type { Load } from './http-load.ts'

const perRequest = 32
const requests = 250
const circuits = 16
const turns = 3

export async function bench(): Promise<void> {
  for (let turn = 1; turn <= turns; turn++) {
    const verifications = bareVerifications()
    const { rate, bytes } = await turnOf()
    console.log(
      `turn ${turn}: ${Math.round(rate)} SFO/s from HTTP to durable row (${perRequest} a request, ${(bytes / requests / perRequest / 1024).toFixed(1)} KiB of JSON each); ` +
        `bare P-256 verifications: ${Math.round(verifications)}/s; ratio ${(rate / verifications).toFixed(3)}`,
    )
  }
}

async function turnOf(): Promise<{ rate: number; bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'ctor-bench-'))
  const ctr = generateKey()
  const own = generateKey()
  const file = (name: string) => join(folder, name)
  await writeKey(file('ctr.key'), ctr)
  await writeKey(file('auditor.key'), own)
  const load: Load = { keyPath: file('ctr.key'), requests, perRequest, circuits }
  const worker = new Worker(new URL('./http-load.ts', import.meta.url), { workerData: load })
  const made = await message<{ log: Log; bytes: number }>(worker)
  const authority = newAuthority()
  const auditor = await startAuditor(
    auditorSchema.parse({
      listen: { port: 0 },
      operations: { port: 0 },
      key: { path: file('auditor.key') },
      consensus: { path: file('consensus'), authorities: [authority.key] },
      store: { path: file('auditor.sqlite') },
      alerts: { path: file('alerts.jsonl') },
      http: { ratePerSecond: 1_000_000, burst: 1_000_000 },
      limits: { quotaSfos: 1_000_000 },
      timing: { startMs: 3_600_000 },
      log: { level: 'error' },
    }),
  )
  try {
    const ctrs = [{ ctrId: ctrIdOf(ctr), url: 'http://127.0.0.1:9', family: [] }]
    const digest = await publish(file('consensus'), authority, made.log, ctrs)
    await auditor.api.round()
    const { auditorId, key, url } = auditor
    worker.postMessage({ auditor: { auditorId, key, url }, digest })
    const { seconds } = await message<{ seconds: number }>(worker)
    const { pending } = auditor.api.counts()
    if (pending !== requests * perRequest)
      throw new Error(`${pending} rows are durable, ${requests * perRequest} were sent`)
    return { rate: pending / seconds, bytes: made.bytes }
  } finally {
    await auditor.stop()
    await worker.terminate()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function publish(
  path: string,
  authority: ReturnType<typeof newAuthority>,
  log: Log,
  ctrs: readonly { ctrId: string; url: string; family: string[] }[],
): Promise<string> {
  const validAfter = Date.now()
  const times = { validAfter, freshUntil: validAfter + 3_600_000, validUntil: validAfter + 3 * 3_600_000 }
  const text = await writeConsensus({
    path,
    authorities: [authority],
    logs: [log],
    sths: [],
    ctrs,
    auditors: [],
    ...times,
  })
  const parsed = parseConsensusDocument(nodeCrypto(), text, [authority.key])
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.value.digest
}

function message<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** Over so many bytes as an SCT of a mean certificate signs. */
function bareVerifications(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const text = new Uint8Array(1500)
  const signature = sign('sha256', text, privateKey)
  const start = performance.now()
  let count = 0
  for (; performance.now() - start < 500; count++) {
    if (!verify('sha256', text, publicKey, signature)) throw new Error('a signature does not verify')
  }
  return (count / (performance.now() - start)) * 1000
}

if (import.meta.main) await bench()
