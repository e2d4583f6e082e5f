// Each fault of the development log does what it says, seen over HTTP; and lifted, it is gone.
import { afterEach, expect, test } from 'vitest'
import { createCa, type Issued } from '../../src/adapters/dev-log/ca.ts'
import { type FaultInput, faultKinds, parseFault } from '../../src/adapters/dev-log/fault.ts'
import { type DevLog, type DevLogOptions, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { newPrivateKey } from '../../src/adapters/dev-log/signer.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { fromBase64, fromHex, toBase64, toHex } from '../../src/machines/ct/bytes.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { rootFromInclusion, verifyConsistency, verifyInclusion } from '../../src/machines/ct/merkle.ts'
import { decodeSthJson, verifySth } from '../../src/machines/ct/sth.ts'
import type { Sth } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'

const crypto = nodeCrypto()
const key = newPrivateKey('p-256')
const start = Date.UTC(2026, 0, 1)
const mmd = 60_000
const ca = await createCa({ keyType: 'p-256', intermediates: 0, now: () => start })
let at = start
let running: DevLog | null = null

afterEach(async () => {
  at = start
  await running?.close()
  running = null
})

/** A log of five leaves; `victim.example` is the third. */
async function logOfFive(options: DevLogOptions = {}): Promise<{ log: DevLog; issued: readonly Issued[] }> {
  const log = await startDevLog({ key, mmd, mergeDelay: 0, sthInterval: 3_600_000, now: () => at, ...options })
  running = log
  const issued: Issued[] = []
  for (const name of ['a.example', 'b.example', 'victim.example', 'c.example', 'd.example']) {
    issued.push(await ca.issue({ log, delivery: 'embedded', name }))
  }
  log.publish()
  return { log, issued }
}

function request(log: DevLog, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${log.log.url}${path}`, { signal: AbortSignal.timeout(5000), ...init })
}

async function getSth(log: DevLog): Promise<Sth> {
  const sth = decodeSthJson(log.log.logId, await (await request(log, '/ct/v1/get-sth')).json())
  return sth.ok ? sth.value : expect.fail(sth.detail)
}

function hashOf(log: DevLog, issued: Issued | undefined): string {
  const valid = validateSfo(crypto, log.log, issued?.sfo ?? expect.fail(), start)
  return valid.ok ? leafHashOf(valid.value.leafId) : expect.fail(valid.detail)
}

function askProof(log: DevLog, leafHash: string, size: number, init?: RequestInit): Promise<Response> {
  const hash = encodeURIComponent(toBase64(fromHex(leafHash)))
  return request(log, `/ct/v1/get-proof-by-hash?hash=${hash}&tree_size=${size}`, init)
}

type Seen = 'proven' | 'badProof' | number

async function challenge(log: DevLog, issued: Issued | undefined, sth: Sth): Promise<Seen> {
  const leafHash = hashOf(log, issued)
  const answer = await askProof(log, leafHash, sth.size)
  if (!answer.ok) return answer.status
  const { leaf_index: leafIndex, audit_path } = (await answer.json()) as { leaf_index: number; audit_path: string[] }
  const proof = { leafHash, leafIndex, size: sth.size, root: sth.root, path: audit_path.map(hex) }
  return verifyInclusion(crypto, proof).ok ? 'proven' : 'badProof'
}

async function compare(log: DevLog, first: Sth, second: Sth): Promise<Seen> {
  const answer = await request(log, `/ct/v1/get-sth-consistency?first=${first.size}&second=${second.size}`)
  if (!answer.ok) return answer.status
  const { consistency } = (await answer.json()) as { consistency: string[] }
  const sizes = { size1: first.size, root1: first.root, size2: second.size, root2: second.root }
  return verifyConsistency(crypto, { ...sizes, path: consistency.map(hex) }).ok ? 'proven' : 'badProof'
}

function hex(base64: string): string {
  return toHex(fromBase64(base64) ?? expect.fail('no base64'))
}

const all = (seen: Seen): Seen[] => Array(5).fill(seen)
const onlyVictim = (seen: Seen): Seen[] => ['proven', 'proven', seen, 'proven', 'proven']

async function challengeAll({ log, issued }: { log: DevLog; issued: readonly Issued[] }, sth: Sth): Promise<Seen[]> {
  return Promise.all(issued.map((one) => challenge(log, one, sth)))
}

const victim = { names: ['victim.example'] }

test('an honest log proves each leaf and each pair of tree heads [WIRE-005, WIRE-006]', async () => {
  const five = await logOfFive()
  const sth = await getSth(five.log)
  expect(sth.size).toBe(5)
  expect(verifySth(crypto, five.log.log, sth)).toBe(true)
  expect(await challengeAll(five, sth)).toEqual(all('proven'))
  await ca.issue({ log: five.log, delivery: 'tls' })
  expect(await compare(five.log, sth, five.log.publish())).toBe('proven')
})

test('down: the connection is torn down, until the fault is lifted by the management endpoint [RELAY-004]', async () => {
  const { log } = await logOfFive({ fault: { kind: 'down' } })
  await expect(request(log, '/ct/v1/get-sth')).rejects.toThrow('fetch failed')
  await expect(askProof(log, '00'.repeat(32), 5)).rejects.toThrow('fetch failed')
  expect((await setFaults(log, [])).status).toBe(200)
  expect((await getSth(log)).size).toBe(5)
})

function setFaults(log: DevLog, faults: readonly unknown[]): Promise<Response> {
  return request(log, '/dev/faults', { method: 'POST', body: JSON.stringify({ faults }) })
}

test('down, for proofs alone: tree heads are still answered [RELAY-004]', async () => {
  const { log } = await logOfFive({ fault: { kind: 'down', at: 'proofs' } })
  await expect(askProof(log, '00'.repeat(32), 5)).rejects.toThrow('fetch failed')
  expect((await getSth(log)).size).toBe(5)
})

test('slow: an answer comes late, and who does not wait gets none [RELAY-004]', async () => {
  const { log } = await logOfFive({ fault: { kind: 'slow', ms: 300 } })
  const asked = performance.now()
  await expect(request(log, '/ct/v1/get-sth', { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout')
  expect((await getSth(log)).size).toBe(5)
  expect(performance.now() - asked).toBeGreaterThan(390)
})

test('slow: a log that stops does not wait for its own slowness', async () => {
  const { log } = await logOfFive({ fault: { kind: 'slow', ms: 600_000 } })
  const answer = expect(request(log, '/ct/v1/get-sth')).rejects.toThrow('fetch failed')
  await new Promise((resolve) => setTimeout(resolve, 50))
  await log.close()
  await answer
})

test('refusing: proofs get the status, tree heads do not [RELAY-004]', async () => {
  const five = await logOfFive({ fault: { kind: 'refusing' } })
  const sth = await getSth(five.log)
  expect(await challengeAll(five, sth)).toEqual(all(404))
  expect(await compare(five.log, { ...sth, size: 2 }, sth)).toBe(404)
  five.log.setFault({ kind: 'refusing', status: 503, leaves: victim })
  expect(await challengeAll(five, sth)).toEqual(onlyVictim(503))
})

test('withhold: the SCT is valid, and the leaf is never merged while the fault is set [EVID-001]', async () => {
  const five = await logOfFive({ fault: { kind: 'withhold', leaves: victim } })
  expect(await challengeAll(five, await getSth(five.log))).toEqual(onlyVictim(404))
  at += 30 * 86_400_000
  await request(five.log, '/dev/merge', { method: 'POST' })
  const later = await getSth(five.log)
  expect(later.timestamp).toBeGreaterThan(start + mmd)
  expect([later.size, await challenge(five.log, five.issued[2], later)]).toEqual([4, 404])
  five.log.setFault([])
  expect(await challengeAll(five, await getSth(five.log))).toEqual(all('proven'))
})

test('withhold: leaves may be chosen by leaf hash once their SCT is known [EVID-001]', async () => {
  const five = await logOfFive({ mergeDelay: 1000 })
  five.log.setFault({ kind: 'withhold', leaves: { hashes: [hashOf(five.log, five.issued[2])] } })
  at += 1000
  expect(await challengeAll(five, five.log.publish())).toEqual(onlyVictim(404))
})

test('late-merge: the first-due STH does not have the leaf, a later one proves it [EVID-001]', async () => {
  const five = await logOfFive({ fault: { kind: 'late-merge', ms: 10_000, leaves: victim } })
  at = start + mmd + 9_999
  expect(await challengeAll(five, five.log.publish())).toEqual(onlyVictim(404))
  at += 1
  expect(await challengeAll(five, five.log.publish())).toEqual(all('proven'))
})

test('wrong-proof: no proof of a chosen leaf verifies; of all leaves, no consistency proof either [RELAY-004]', async () => {
  const five = await logOfFive({ fault: { kind: 'wrong-proof' } })
  const sth = await getSth(five.log)
  expect(await challengeAll(five, sth)).toEqual(all('badProof'))
  await ca.issue({ log: five.log, delivery: 'tls' })
  const larger = five.log.publish()
  expect(await compare(five.log, sth, larger)).toBe('badProof')
  five.log.setFault({ kind: 'wrong-proof', leaves: victim })
  expect(await compare(five.log, sth, larger)).toBe('proven')
  expect(await challengeAll(five, sth)).toEqual(onlyVictim('badProof'))
})

test.each(['wrong-proof', 'wrong-size'] as const)(
  '%s: never verifies, at any index and size [WIRE-005]',
  async (kind) => {
    const five = await logOfFive()
    const tree = [1, 2, 3, 4, 5].map((size) => ({ ...five.log.sth(), size, root: '' }))
    for (const sth of tree) {
      for (const issued of five.issued.slice(0, sth.size)) {
        five.log.setFault([])
        const root = await rootOf(five.log, issued, sth.size)
        five.log.setFault({ kind })
        expect(await challenge(five.log, issued, { ...sth, root })).toBe('badProof')
      }
    }
  },
)

test('wrong-size: the proof is one that holds at another size [RELAY-004]', async () => {
  const { log, issued } = await logOfFive()
  const leafHash = hashOf(log, issued[0])
  const honest = [3, 4, 5].map((size) => log.ctLog.proofByHash(leafHash, size))
  log.setFault({ kind: 'wrong-size', leaves: victim })
  expect(log.ctLog.proofByHash(leafHash, 3)).toEqual(honest[0])
  log.setFault({ kind: 'wrong-size' })
  expect(log.ctLog.proofByHash(leafHash, 3)).toEqual(honest[2])
  expect(log.ctLog.proofByHash(leafHash, 5)).toEqual(honest[1])
})

/** The root at a past size, from an honest proof. */
async function rootOf(log: DevLog, issued: Issued, size: number): Promise<string> {
  const answer = await askProof(log, hashOf(log, issued), size)
  const { leaf_index: leafIndex, audit_path } = (await answer.json()) as { leaf_index: number; audit_path: string[] }
  const root = rootFromInclusion(crypto, { leafHash: hashOf(log, issued), leafIndex, size, path: audit_path.map(hex) })
  return root.ok ? root.value : expect.fail(root.detail)
}

test('split-view: two signed tree heads of equal size and time have different roots [EVID-001]', async () => {
  const five = await logOfFive({ fault: { kind: 'split-view', leaves: victim } })
  const [one, two, three] = [await getSth(five.log), await getSth(five.log), await getSth(five.log)]
  expect([one.size, one.timestamp]).toEqual([two.size, two.timestamp])
  expect(one.root).not.toBe(two.root)
  expect(three).toEqual(one)
  expect([one, two].every((sth) => verifySth(crypto, five.log.log, sth))).toBe(true)
  expect(await challengeAll(five, one)).toEqual(all('proven'))
  expect(await challengeAll(five, two)).toEqual(all('badProof'))
  five.log.setFault({ kind: 'split-view', serve: 'shadow' })
  expect(await challenge(five.log, five.issued[0], await getSth(five.log))).toBe('badProof')
  expect(await challenge(five.log, five.issued[0], five.log.sth('main'))).toBe('proven')
})

test('split-view: the shadow grows with the main tree [EVID-001]', async () => {
  const { log } = await logOfFive({ fault: { kind: 'split-view', leaves: victim } })
  const before = log.sth('shadow')
  await ca.issue({ log, delivery: 'tls' })
  log.publish()
  expect([log.sth('shadow').size, log.sth().size]).toEqual([before.size + 1, before.size + 1])
  expect(log.sth('shadow').root).not.toBe(log.sth().root)
})

test('inconsistent: leaves are still proven, but no old tree head is consistent with a new one [EVID-001]', async () => {
  const five = await logOfFive()
  const old = await getSth(five.log)
  five.log.setFault({ kind: 'inconsistent' })
  const rewritten = await getSth(five.log)
  expect(rewritten.size).toBeGreaterThan(old.size)
  expect([old, rewritten].every((sth) => verifySth(crypto, five.log.log, sth))).toBe(true)
  expect(await compare(five.log, old, rewritten)).toBe('badProof')
  expect(await challengeAll(five, rewritten)).toEqual(all('proven'))
  five.log.setFault([])
  expect(await compare(five.log, rewritten, five.log.publish())).toBe('proven')
})

test('rollback: a later tree head is smaller [EVID-001]', async () => {
  const { log } = await logOfFive()
  const old = await getSth(log)
  log.setFault({ kind: 'rollback', by: 2 })
  const later = await getSth(log)
  expect(later.timestamp).toBeGreaterThan(old.timestamp)
  expect(later.size).toBe(3)
  expect(verifySth(crypto, log.log, later)).toBe(true)
})

test('backdated: a tree head that has the leaf is older than its SCT [EVID-001]', async () => {
  const five = await logOfFive({ fault: { kind: 'backdated', ms: 5000 } })
  const sth = await getSth(five.log)
  expect(sth.timestamp).toBe(start - 5000)
  expect(await challengeAll(five, sth)).toEqual(all('proven'))
})

test('bad-signature: the tree head is true, its signature is not the log’s [AUD-018]', async () => {
  const five = await logOfFive({ fault: { kind: 'bad-signature' } })
  const sth = await getSth(five.log)
  expect(verifySth(crypto, five.log.log, sth)).toBe(false)
  expect(await challengeAll(five, sth)).toEqual(all('proven'))
  five.log.setFault([])
  expect(verifySth(crypto, five.log.log, await getSth(five.log))).toBe(true)
})

test('endless: a proof never ends, and the log survives who hangs up [RELAY-004]', async () => {
  const { log } = await logOfFive({ fault: { kind: 'endless' } })
  const answer = await askProof(log, '00'.repeat(32), 5)
  let received = 0
  for await (const chunk of answer.body ?? []) {
    received += chunk.length
    if (received > 5_000_000) break
  }
  expect(received).toBeGreaterThan(5_000_000)
  expect((await getSth(log)).size).toBe(5)
})

test('malformed: a proof is no JSON [RELAY-004]', async () => {
  const { log } = await logOfFive({ fault: { kind: 'malformed' } })
  const answer = await askProof(log, '00'.repeat(32), 5)
  expect(answer.status).toBe(200)
  await expect(answer.json()).rejects.toThrow(SyntaxError)
  expect((await getSth(log)).size).toBe(5)
})

test('faults may be combined, and honest lifts them all', async () => {
  const five = await logOfFive()
  const faults: FaultInput[] = [{ kind: 'bad-signature' }, { kind: 'wrong-proof', leaves: victim }]
  expect((await setFaults(five.log, faults)).status).toBe(200)
  const sth = await getSth(five.log)
  expect(verifySth(crypto, five.log.log, sth)).toBe(false)
  expect(await challengeAll(five, sth)).toEqual(onlyVictim('badProof'))
  expect((await setFaults(five.log, [{ kind: 'honest' }])).status).toBe(200)
  expect(five.log.ctLog.faults).toEqual([])
})

test('what is no fault is refused with 400, and changes nothing', async () => {
  const { log } = await logOfFive({ fault: { kind: 'rollback' } })
  const bad = [
    [{ kind: 'evil' }],
    [{ kind: 'slow', ms: -1 }],
    [{ kind: 'slow', ms: 600_001 }],
    [{ kind: 'down', extra: 1 }],
    [{ kind: 'down' }, { kind: 'down', at: 'proofs' }],
    [{ kind: 'withhold', leaves: { hashes: ['AA'] } }],
  ]
  for (const faults of bad) expect((await setFaults(log, faults)).status).toBe(400)
  expect((await request(log, '/dev/faults', { method: 'POST', body: 'no json' })).status).toBe(400)
  expect(log.ctLog.faults).toEqual([{ kind: 'rollback', by: 1 }])
})

test('every kind of fault has defaults, a description and a spelling for the command line', () => {
  expect(faultKinds).toHaveLength(21)
  for (const { kind, does } of faultKinds) {
    expect(does).not.toBe('')
    expect(parseFault(kind)).toMatchObject({ ok: true, value: { kind } })
  }
  expect(parseFault('{"kind":"slow","ms":7}')).toEqual({ ok: true, value: { kind: 'slow', ms: 7, at: 'all' } })
  for (const text of ['', 'evil', '{', '{"kind":"slow","ms":"7"}']) {
    expect(parseFault(text)).toMatchObject({ ok: false, error: 'badFault' })
  }
})
