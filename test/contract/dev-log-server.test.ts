// The development log's endpoints as a client of RFC 6962 section 4 meets them, and what it does with bad input.
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createCa } from '../../src/adapters/dev-log/ca.ts'
import { startDevLog } from '../../src/adapters/dev-log/server.ts'
import { sha256 } from '../../src/adapters/dev-log/tree.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, fromBase64, fromHex, toBase64, toHex, uint, vector } from '../../src/machines/ct/bytes.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { encodeSct } from '../../src/machines/ct/sct.ts'
import { decodeDigitallySigned } from '../../src/machines/ct/sth.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'

const crypto = nodeCrypto()
const ca = await createCa({ keyType: 'p-256', intermediates: 1 })
const log = await startDevLog({ mergeDelay: 0, sthInterval: 0 })
const withEntries = [
  await ca.issue({ log, delivery: 'tls', name: 'first.example' }),
  await ca.issue({ log, delivery: 'embedded', name: 'second.example' }),
] as const
log.publish()
afterAll(() => log.close())

interface AddChainAnswer {
  readonly sct_version: number
  readonly id: string
  readonly timestamp: number
  readonly extensions: string
  readonly signature: string
}

function get(path: string): Promise<Response> {
  return fetch(`${log.log.url}${path}`, { signal: AbortSignal.timeout(5000) })
}

function post(path: string, body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Response> {
  const headers = { 'content-type': type }
  return fetch(`${log.log.url}${path}`, { method: 'POST', body, headers, signal: AbortSignal.timeout(5000) })
}

function bytes(base64: string): Uint8Array {
  return fromBase64(base64) ?? expect.fail('not canonical base64')
}

test('the log ID is the hash of the key, and the base URL has no trailing slash [WIRE-006]', () => {
  expect(toHex(sha256(bytes(log.log.key)))).toBe(log.log.logId)
  expect(log.log.url).toMatch(/^http:\/\/127\.0\.0\.1:[0-9]+$/)
})

test.each(['add-chain', 'add-pre-chain'] as const)(
  '%s answers the fields of an SCT that validates [WIRE-002, WIRE-006]',
  async (endpoint) => {
    const delivery = endpoint === 'add-chain' ? 'tls' : 'embedded'
    const submit = async (chain: readonly Uint8Array[]) => {
      const answer = await post(`/ct/v1/${endpoint}`, JSON.stringify({ chain: chain.map(toBase64) }))
      const { sct_version, id, timestamp, extensions, signature } = (await answer.json()) as AddChainAnswer
      expect(sct_version).toBe(0)
      const bare = decodeDigitallySigned(bytes(signature)) ?? expect.fail('no DigitallySigned')
      const codes = { hashAlgorithm: 4, signatureAlgorithm: 3, signature: bare.signature }
      const value = encodeSct({ logId: toHex(bytes(id)), timestamp, extensions: bytes(extensions), ...codes })
      return { ok: true, value } as const
    }
    const { sfo } = await ca.issue({ log: { addChain: submit, addPreChain: submit }, delivery })
    expect(validateSfo(crypto, log.log, sfo, Date.now())).toMatchObject({ ok: true })
  },
)

test('get-entries answers leaf and chain of what was submitted [WIRE-003, WIRE-006]', async () => {
  const { entries } = (await (await get('/ct/v1/get-entries?start=0&end=1')).json()) as {
    entries: [{ leaf_input: string; extra_data: string }, { leaf_input: string; extra_data: string }]
  }
  const [x509, precert] = withEntries
  const certificates = (chain: readonly Uint8Array[]) => vector(concat(...chain.map((der) => vector(der, 3))), 3)
  const [leaf = expect.fail(), ...issuers] = x509.chain
  const time = uint(x509.sfo.sct.timestamp, 8)
  expect(bytes(entries[0].leaf_input)).toEqual(concat(uint(0, 2), time, uint(0, 2), vector(leaf, 3), uint(0, 2)))
  expect(bytes(entries[0].extra_data)).toEqual(certificates(issuers))
  const precertificate = precert.precertificate ?? expect.fail()
  expect(bytes(entries[1].extra_data)).toEqual(concat(vector(precertificate, 3), certificates(issuers)))
  expect(bytes(entries[1].leaf_input).subarray(10, 12)).toEqual(uint(1, 2))
})

test('get-entries answers fewer entries than asked for at the end of the tree [WIRE-006]', async () => {
  const { entries } = (await (await get('/ct/v1/get-entries?start=1&end=1000000')).json()) as { entries: unknown[] }
  expect(entries.length).toBe(log.sth().size - 1)
})

test('get-roots answers the certificates that chains ended at [WIRE-006]', async () => {
  const { certificates } = (await (await get('/ct/v1/get-roots')).json()) as { certificates: string[] }
  expect(certificates).toEqual([toBase64(ca.root)])
})

const hash = encodeURIComponent(toBase64(new Uint8Array(32)))
test.each([
  [400, '/ct/v1/get-sth-consistency?first=0&second=1'],
  [400, '/ct/v1/get-sth-consistency?first=2&second=1'],
  [400, '/ct/v1/get-sth-consistency?first=1&second=1000000'],
  [400, '/ct/v1/get-sth-consistency?first=1'],
  [400, '/ct/v1/get-sth-consistency?first=1&second=2&second=2'],
  [400, '/ct/v1/get-sth-consistency?first=-1&second=2'],
  [400, '/ct/v1/get-sth-consistency?first=1&second=9999999999999999'],
  [404, `/ct/v1/get-proof-by-hash?hash=${hash}&tree_size=1`],
  [400, `/ct/v1/get-proof-by-hash?hash=${hash}&tree_size=0`],
  [400, `/ct/v1/get-proof-by-hash?hash=${hash}&tree_size=1000000`],
  [400, `/ct/v1/get-proof-by-hash?hash=${hash}&tree_size=1e0`],
  [400, '/ct/v1/get-proof-by-hash?hash=AAAA&tree_size=1'],
  [400, '/ct/v1/get-proof-by-hash?hash=%21&tree_size=1'],
  [400, '/ct/v1/get-proof-by-hash?tree_size=1'],
  [400, '/ct/v1/get-entries?start=1&end=0'],
  [400, '/ct/v1/get-entries?start=1000000&end=1000001'],
  [404, '/ct/v1/get-everything'],
  [404, '/'],
])('%i with text to %s [WIRE-006]', async (status, path) => {
  const answer = await get(path)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(await answer.text()).not.toBe('')
})

test('a first size equal to the second is answered with an empty proof [WIRE-005]', async () => {
  expect(await (await get('/ct/v1/get-sth-consistency?first=1&second=1')).json()).toEqual({ consistency: [] })
})

test('a leaf that is in the tree, but not at that size, is not found [WIRE-006]', async () => {
  const valid = validateSfo(crypto, log.log, withEntries[1].sfo, Date.now())
  const leafHash = valid.ok ? toBase64(fromHex(leafHashOf(valid.value.leafId))) : expect.fail()
  const ask = (size: number) => get(`/ct/v1/get-proof-by-hash?hash=${encodeURIComponent(leafHash)}&tree_size=${size}`)
  expect([(await ask(1)).status, (await ask(2)).status]).toEqual([404, 200])
})

test('no body makes it fail otherwise than by 4xx, and it answers on [WIRE-006]', async () => {
  const json = fc.json().map((text) => Buffer.from(text))
  const almost = fc.array(fc.base64String(), { maxLength: 12 }).map((chain) => Buffer.from(JSON.stringify({ chain })))
  const body = fc.oneof(
    json,
    almost,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  )
  const endpoint = fc.constantFrom('/ct/v1/add-chain', '/ct/v1/add-pre-chain', '/dev/faults')
  const type = fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded')
  await fc.assert(
    fc.asyncProperty(endpoint, body, type, async (endpoint, body, type) => {
      expect((await post(endpoint, new Uint8Array(body), type)).status).toBe(400)
    }),
  )
  expect((await get('/ct/v1/get-sth')).status).toBe(200)
})

test('a body above 1 MiB is refused with 413 [WIRE-006]', async () => {
  const answer = await post('/ct/v1/add-chain', JSON.stringify({ chain: ['A'.repeat(1_100_000)] }))
  expect(answer.status).toBe(413)
})

test('what is no HTTP does not stop it', async () => {
  const { port } = new URL(log.log.url)
  const reply = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.end('\x16\x03\x01 no HTTP\r\n\r\n'))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
  expect(reply).toMatch(/^HTTP\/1.1 400/)
  expect((await get('/ct/v1/get-sth')).status).toBe(200)
})

test('/dev/state, /dev/merge and /dev/publish tell and move the log', async () => {
  const slow = await startDevLog({ mmd: 60_000, mergeDelay: 60_000, sthInterval: 60_000 })
  try {
    await ca.issue({ log: slow, delivery: 'tls' })
    const state = async (path: string, method: string) => (await fetch(`${slow.log.url}${path}`, { method })).json()
    const { logId, key, mmd } = slow.log
    expect(await state('/dev/state', 'GET')).toMatchObject({ logId, key, mmd, size: 0, pending: 1, faults: [] })
    expect(await state('/dev/merge', 'POST')).toMatchObject({ size: 1, pending: 0, sth: { size: 0 } })
    expect(await state('/dev/publish', 'POST')).toMatchObject({ logId, size: 1 })
  } finally {
    await slow.close()
  }
})

test.each(['0.0.0.0', '::', '192.0.2.1', '::ffff:192.0.2.1', 'localhost', 'log.example', '', '127.0.0.1.example'])(
  'it does not listen on "%s"',
  async (host) => {
    await expect(startDevLog({ host })).rejects.toThrow(/test equipment: it listens on 127\.0\.0\.0\/8 or ::1, not on/)
  },
)

test('it listens on any 127.0.0.0/8 address, and a taken port is an error', async () => {
  const other = await startDevLog({ host: '127.0.0.2' })
  try {
    const port = Number(new URL(other.log.url).port)
    await expect(startDevLog({ host: '127.0.0.2', port })).rejects.toThrow('EADDRINUSE')
  } finally {
    await other.close()
  }
})
