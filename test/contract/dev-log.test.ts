// The development log and the certification authority against the CT kernel, with time in the test's hand.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Ca, createCa, type Issued } from '../../src/adapters/dev-log/ca.ts'
import { CtLog, type CtLogOptions } from '../../src/adapters/dev-log/log.ts'
import { keyTypes, newPrivateKey } from '../../src/adapters/dev-log/signer.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toBase64, toHex } from '../../src/machines/ct/bytes.ts'
import { dueAt, firstDueSth } from '../../src/machines/ct/due.ts'
import { entryOf, precertEntryOf } from '../../src/machines/ct/entry.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { verifyConsistency, verifyInclusion } from '../../src/machines/ct/merkle.ts'
import { decodeSct } from '../../src/machines/ct/sct.ts'
import { verifySth } from '../../src/machines/ct/sth.ts'
import type { Log, Sth } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'

const crypto = nodeCrypto()
const start = Date.UTC(2026, 0, 1)
const keys = { 'p-256': newPrivateKey('p-256'), 'rsa-2048': newPrivateKey('rsa-2048') }

interface Bench {
  readonly ctLog: CtLog
  readonly log: Log
  readonly wait: (ms: number) => void
}

function bench(options: Partial<CtLogOptions> = {}): Bench {
  let at = start
  const base = { key: keys['p-256'], mmd: 60_000, mergeDelay: 1000, sthInterval: 5000, now: () => at }
  const ctLog = new CtLog({ ...base, ...options })
  const { signer, mmd } = ctLog
  const log = { logId: signer.logId, key: toBase64(signer.spki), mmd, url: 'http://127.0.0.1' }
  const wait = (ms: number) => {
    at += ms
  }
  return { ctLog, log, wait }
}

function leafIdOf({ log }: Bench, { sfo }: Issued) {
  const valid = validateSfo(crypto, log, sfo, start)
  if (!valid.ok) throw new Error(`${valid.error}: ${valid.detail}`)
  return valid.value.leafId
}

function isProven(on: Bench, issued: Issued, sth: Sth): boolean {
  const leafHash = leafHashOf(leafIdOf(on, issued))
  const proof = on.ctLog.proofByHash(leafHash, sth.size)
  return proof.ok && verifyInclusion(crypto, { leafHash, size: sth.size, root: sth.root, ...proof.value }).ok
}

describe.each(keyTypes)('a log with a %s key', (logKey) => {
  describe.each(keyTypes)('and a CA with a %s key', (caKey) => {
    test.each([0, 1] as const)(
      'issue SFOs that validate and are proven, with %i intermediates [WIRE-002, WIRE-003]',
      async (intermediates) => {
        const on = bench({ key: keys[logKey], mergeDelay: 0 })
        const ca = await createCa({ keyType: caKey, intermediates, now: () => start })
        for (const delivery of ['embedded', 'tls'] as const) {
          const issued = await ca.issue({ log: on.ctLog, delivery })
          expect(issued.chain).toHaveLength(intermediates + 2)
          expect(validateSfo(crypto, on.log, issued.sfo, start)).toMatchObject({ ok: true, value: { future: false } })
          const entry = entryOf(crypto, issued.sfo)
          expect(entry).toMatchObject({ ok: true, value: { type: delivery === 'embedded' ? 'precert' : 'x509' } })
          const sth = on.ctLog.publish()
          expect(verifySth(crypto, on.log, sth)).toBe(true)
          expect(isProven(on, issued, sth)).toBe(true)
        }
      },
    )
  })
})

const ca = await createCa({ keyType: 'p-256', intermediates: 1, now: () => start })

test('precertificate and certificate give one entry, byte for byte [WIRE-003]', async () => {
  const { sfo, precertificate, chain } = await ca.issue({ log: bench().ctLog, delivery: 'embedded' })
  const ofPrecertificate = precertEntryOf(crypto, [precertificate ?? new Uint8Array(), ...chain.slice(1)])
  expect(ofPrecertificate.ok).toBe(true)
  expect(ofPrecertificate).toEqual(entryOf(crypto, sfo))
})

test("an SCT does not validate with another certificate, nor as another log's [AUD-005]", async () => {
  const on = bench()
  const [one, two] = await Promise.all([0, 1].map(() => ca.issue({ log: on.ctLog, delivery: 'tls' })))
  const mixed = { chain: one?.chain ?? [], sct: two?.sfo.sct ?? expect.fail() }
  expect(validateSfo(crypto, on.log, mixed, start)).toMatchObject({ ok: false, error: 'badSctSignature' })
  const other = bench({ key: keys['rsa-2048'] }).log
  expect(validateSfo(crypto, other, mixed, start)).toMatchObject({ ok: false, error: 'unknownLog' })
  const imposter = { ...on.log, key: other.key }
  expect(validateSfo(crypto, imposter, mixed, start)).toMatchObject({ ok: false, error: 'badSctSignature' })
})

test("SCT extensions are in the SCT, its signature and the leaf's hash [WIRE-003]", async () => {
  const on = bench({ sctExtensions: Uint8Array.of(0, 0, 5, 0, 0, 0, 0, 7), mergeDelay: 0 })
  const issued = await ca.issue({ log: on.ctLog, delivery: 'embedded' })
  expect(toHex(issued.sfo.sct.extensions)).toBe('0000050000000007')
  expect(isProven(on, issued, on.ctLog.publish())).toBe(true)
})

test('a chain submitted again is answered with the same SCT and merged once [WIRE-006]', async () => {
  const on = bench({ mergeDelay: 0 })
  const { chain, precertificate, sct } = await ca.issue({ log: on.ctLog, delivery: 'embedded' })
  on.wait(10_000)
  const again = on.ctLog.addPreChain([precertificate ?? expect.fail(), ...chain.slice(1)])
  expect(again).toEqual({ ok: true, value: sct })
  expect(on.ctLog.publish().size).toBe(1)
})

test('a leaf is merged when its delay is over, and not before [WIRE-012]', async () => {
  const on = bench({ mergeDelay: 30_000 })
  const issued = await ca.issue({ log: on.ctLog, delivery: 'tls' })
  on.wait(29_998)
  expect(on.ctLog.publish().size).toBe(0)
  expect(on.ctLog.proofByHash(leafHashOf(leafIdOf(on, issued)), 1)).toMatchObject({ ok: false, status: 400 })
  on.wait(2)
  expect(isProven(on, issued, on.ctLog.publish())).toBe(true)
})

test('a merge delay beyond the MMD is refused [WIRE-012]', () => {
  expect(() => bench({ mergeDelay: 60_001 })).toThrow(RangeError)
})

test('an STH is signed anew once its interval is over, and each is later than the last [WIRE-004]', () => {
  const on = bench()
  const first = on.ctLog.sth()
  on.wait(4999)
  expect(on.ctLog.sth()).toEqual(first)
  on.wait(1)
  const second = on.ctLog.sth()
  expect(second.timestamp).toBe(start + 5000)
  const third = on.ctLog.publish()
  expect(third.timestamp).toBe(start + 5001)
  expect([first, second, third].every((sth) => verifySth(crypto, on.log, sth))).toBe(true)
})

const supply: readonly Issued[] = await issueMany(ca, 24)

async function issueMany(from: Ca, count: number): Promise<readonly Issued[]> {
  const { ctLog } = bench()
  return Promise.all(Array.from({ length: count }, () => from.issue({ log: ctLog, delivery: 'tls' })))
}

test('whatever happens when, each leaf is proven by its first-due STH and all STHs are consistent [WIRE-005, WIRE-012]', () => {
  const action = fc.oneof(
    fc.record({ wait: fc.integer({ min: 0, max: 40_000 }) }),
    fc.constant('add' as const),
    fc.constant('publish' as const),
    fc.constant('merge' as const),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), fc.integer({ min: 0, max: 60_000 }), (actions, mergeDelay) => {
      const on = bench({ mergeDelay })
      const rest = [...supply]
      const added: Issued[] = []
      const sths: Sth[] = [on.ctLog.sth()]
      const see = (sth: Sth) => sth.timestamp > (sths.at(-1)?.timestamp ?? 0) && sths.push(sth)
      for (const action of [...actions, { wait: 60_000 }]) {
        if (action === 'publish') on.ctLog.publish()
        else if (action === 'merge') on.ctLog.merge()
        else if (action !== 'add') on.wait(action.wait)
        else added.push(...rest.splice(0, 1).map((issued) => readded(on, issued)))
        see(on.ctLog.sth())
      }
      for (const issued of added) {
        const due = firstDueSth(sths, dueAt(issued.sfo.sct.timestamp, on.log.mmd, issued.sfo.sct.timestamp))
        expect(due !== null && isProven(on, issued, due)).toBe(true)
      }
      for (const [index, second] of sths.entries()) {
        const first = sths[index - 1]
        if (first !== undefined) expect(consistent(on, first, second)).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})

function readded(on: Bench, { chain }: Issued): Issued {
  const sct = on.ctLog.addChain(chain)
  if (!sct.ok) throw new Error(sct.detail)
  const decoded = decodeSct(sct.value)
  if (!decoded.ok) throw new Error(decoded.detail)
  return { chain, sct: sct.value, precertificate: null, sfo: { chain, sct: decoded.value } }
}

function consistent(on: Bench, first: Sth, second: Sth): boolean {
  if (first.size === 0) return true
  const path = on.ctLog.consistency(first.size, second.size)
  const pair = { size1: first.size, root1: first.root, size2: second.size, root2: second.root }
  return path.ok && verifyConsistency(crypto, { ...pair, path: path.value }).ok
}

test('what is no acceptable chain is refused with 400 and a reason [WIRE-006]', async () => {
  const { ctLog } = bench({ roots: [ca.root] })
  const { chain, precertificate } = await ca.issue({ log: ctLog, delivery: 'embedded' })
  const [leaf, issuer, root] = chain as [Uint8Array, Uint8Array, Uint8Array]
  const stranger = await createCa({ keyType: 'p-256', intermediates: 0, now: () => start })
  const precert = precertificate ?? expect.fail()
  const cases = [
    [ctLog.addChain([]), /1 to 10/],
    [ctLog.addChain(Array(11).fill(root)), /1 to 10/],
    [ctLog.addChain([leaf, root]), /not signed by/],
    [ctLog.addChain([leaf.slice(0, -1), issuer, root]), /not an X.509/],
    [ctLog.addChain([stranger.root]), /no accepted root/],
    [ctLog.addChain([precert, issuer, root]), /add-pre-chain/],
    [ctLog.addPreChain([leaf, issuer, root]), /not a precertificate/],
    [ctLog.addPreChain([precert]), /no accepted root/],
  ] as const
  for (const [reply, detail] of cases) {
    expect(reply).toMatchObject({ ok: false, status: 400, detail: expect.stringMatching(detail) })
  }
  expect(ctLog.addChain([leaf, issuer])).toMatchObject({ ok: true })
})

test('a precertificate without its issuer is refused where any root is accepted [WIRE-003]', async () => {
  const { ctLog } = bench()
  const { precertificate } = await ca.issue({ log: ctLog, delivery: 'embedded' })
  expect(ctLog.addPreChain([precertificate ?? expect.fail()])).toMatchObject({ ok: false, status: 400 })
})

test('a full log refuses with 503 and still answers what it knows [WIRE-006]', async () => {
  const { ctLog } = bench({ capacity: 1 })
  const { chain, sct } = await ca.issue({ log: ctLog, delivery: 'tls' })
  await expect(ca.issue({ log: ctLog, delivery: 'tls' })).rejects.toThrow('full')
  expect(ctLog.addChain(chain)).toEqual({ ok: true, value: sct })
})

test('no bytes make it throw: they are refused [WIRE-006]', () => {
  const { ctLog } = bench()
  const damaged = fc
    .tuple(fc.constantFrom(...supply), fc.nat(), fc.integer({ min: 1, max: 255 }))
    .map(([{ chain }, at, bits]) => damage(chain, at, bits))
  const chain = fc.oneof(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), damaged)
  fc.assert(
    fc.property(chain, (chain) => {
      for (const reply of [ctLog.addChain(chain), ctLog.addPreChain(chain)])
        expect(reply).toMatchObject({ ok: false, status: 400 })
    }),
  )
})

/** Changes the leaf or the intermediate: each is signed by the next. */
function damage(chain: readonly Uint8Array[], at: number, bits: number): readonly Uint8Array[] {
  return chain.map((der, index) => {
    const position = at % der.length
    return index === at % 2 ? der.with(position, (der[position] ?? 0) ^ bits) : der
  })
}
