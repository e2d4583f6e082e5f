// The real consensus' source, over a directory port on loopback and over a control port's GETINFO.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import {
  ascii,
  type ConsensusParts,
  coveredBy,
  keyCertificate,
  microdescriptor,
  sha256,
  signExtension,
  signTorConsensus,
  torConsensusBody,
  torValidAfter,
} from '../../src/adapters/conform/generate/tor-documents.ts'
import { consensusSourceOf } from '../../src/adapters/daemon/consensus-source.ts'
import { opened } from '../../src/adapters/daemon/life.ts'
import { relaySchema } from '../../src/adapters/daemon/relay-config.ts'
import { defaultAgentLimits } from '../../src/adapters/node/agent-limits.ts'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { certificateCache } from '../../src/adapters/node/tor/certificate-cache.ts'
import { controlDirectory, httpDirectory, type TorDirectory } from '../../src/adapters/node/tor/directory.ts'
import { extensionFile } from '../../src/adapters/node/tor/extension-source.ts'
import { torConsensusSource } from '../../src/adapters/node/tor/tor-consensus-source.ts'
import { fromHex, toBase64, toHex } from '../../src/machines/ct/bytes.ts'
import { commitmentParams } from '../../src/machines/tor/commitment.ts'
import { contentDigest, extensionBody, maxExtensionBytes } from '../../src/machines/tor/extension-document.ts'
import { torConsensusLimits } from '../../src/machines/tor/tor-consensus.ts'
import { logKey } from '../properties/arbitraries/log-key.ts'
import { authorities, crypto, identityOf, newAuthority } from '../properties/arbitraries/tor.ts'
import { type FakeTor, type FakeTorScript, fakeTor } from './fake-tor.ts'

const never = new AbortController().signal
const folder = await mkdtemp(join(tmpdir(), 'ctor-'))
const agents = agentPool({ ...defaultAgentLimits, connectMs: 50_000, totalMs: 50_000 })
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
afterAll(async () => {
  await agents.close()
  await rm(folder, { recursive: true })
})

const three = authorities.slice(0, 3)
const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte)
const { log } = logKey('ecdsa')
const ctrId = (byte: number) => toHex(fill(byte))
const micro = [1, 2, 3].map((byte) =>
  microdescriptor({ identity: fill(byte), lines: byte === 1 ? [`family $${toHex(fill(2, 20))}`] : [] }),
)
const content = [
  'content',
  `log ${log.logId} ${log.mmd} ${log.url} ${log.key}`,
  ...[1, 2, 9].map((byte) => `ctr ${ctrId(byte)} http://127.0.0.1:${byte}`),
  'directory-footer',
  '',
].join('\n')

/** What a directory serves, and what was asked for. */
interface World {
  consensus: string
  certificates: string
  microdescriptors: readonly string[]
  extension: string
  now: number
  readonly asked: string[]
}

function worldOf(parts: ConsensusParts = {}, signers = three): World {
  const body = torConsensusBody({
    params: commitmentParams(contentDigest(crypto, content)),
    relays: micro.map((text, i) => ({
      identity: fill(i + 1, 20),
      flags: ['Running', 'Valid'],
      descriptor: sha256(ascii(text)),
    })),
    ...parts,
  })
  const digest = toHex(sha256(coveredBy(body)))
  return {
    consensus: signTorConsensus(body, signers),
    certificates: authorities.map((one) => keyCertificate(one)).join(''),
    microdescriptors: micro,
    extension: signExtension(extensionBody({ microdesc: digest }, content), signers),
    now: torValidAfter,
    asked: [],
  }
}

const byDigest = (world: World, digest: string) =>
  world.microdescriptors.find((text) => toBase64(sha256(ascii(text))).startsWith(digest))

const overHttp = async (world: World): Promise<TorDirectory> => httpDirectory(agents, await directoryPort(world))

/** Its URL. */
async function directoryPort(world: World): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    world.asked.push(path)
    const answer = (text: string) => {
      response.statusCode = text === '' ? 404 : 200
      response.end(Buffer.from(text, 'latin1'))
    }
    if (path === '/tor/status-vote/current/consensus-microdesc') answer(world.consensus)
    else if (path === '/tor/keys/all') answer(world.certificates)
    else if (path.startsWith('/tor/micro/d/')) {
      answer(
        path
          .slice('/tor/micro/d/'.length)
          .split('-')
          .map((digest) => byDigest(world, digest) ?? '')
          .join(''),
      )
    } else answer('')
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

let files = 0

/** What tor has under this key of `GETINFO`. */
function heldBy(world: World, key: string): string | undefined {
  world.asked.push(key)
  const relay = /^md\/id\/(.*)$/.exec(key)
  return relay ? world.microdescriptors[(fromHex((relay[1] ?? '').toLowerCase())[0] ?? 0) - 1] : world.consensus
}

async function overControl(world: World): Promise<TorDirectory> {
  const path = join(folder, `cached-certs-${files++}`)
  await writeFile(path, world.certificates)
  return controlDirectory(async (key, maxBytes) => {
    const text = heldBy(world, key)
    if (text === undefined) return { kind: 'refused', status: 552 }
    return text.length > maxBytes
      ? { kind: 'malformed', detail: 'bodyTooLarge' }
      : { kind: 'ok', value: ascii(text.replace(/\n$/, '')) }
  }, path)
}

const sourceOf = (world: World, directory: TorDirectory, certificatesPath?: string) =>
  torConsensusSource({
    directory,
    extension: async () => ({ kind: 'ok', value: ascii(world.extension) }),
    authorities: three.map(identityOf),
    crypto,
    clock: { now: () => world.now },
    ...(certificatesPath !== undefined && { certificatesPath }),
  })

describe.each([
  ['a directory port', overHttp],
  ['the control port', overControl],
] as const)('over %s', (_, over) => {
  const errorOf = async (world: World) => {
    const answer = await sourceOf(world, await over(world)).newer(null, never)
    return answer.ok ? 'none' : answer.error
  }

  test('it answers what both documents say: times, lists, and CTRs with identity and family [CONS-004.2, CONS-005.5, CONS-008.1]', async () => {
    const world = worldOf()
    const source = sourceOf(world, await over(world))
    const answer = await source.newer(null, never)
    expect(answer).toEqual({
      ok: true,
      value: {
        digest: toHex(sha256(ascii(world.extension.slice(0, world.extension.indexOf('directory-signature ') + 20)))),
        validAfter: torValidAfter,
        freshUntil: torValidAfter + 3_600_000,
        validUntil: torValidAfter + 3 * 3_600_000,
        logs: [log],
        sths: [],
        auditors: [],
        ctrs: [
          { ctrId: ctrId(1), url: 'http://127.0.0.1:1', family: [ctrId(2)] },
          { ctrId: ctrId(2), url: 'http://127.0.0.1:2', family: [] },
        ],
      },
    })
    expect(await source.newer(torValidAfter, never)).toEqual({ ok: true, value: null })
    expect(await source.newer(torValidAfter - 1, never)).toEqual(answer)
    world.now = torValidAfter + 3 * 3_600_000
    expect(await source.newer(torValidAfter, never)).toMatchObject({ error: 'notLive' })
  })

  test('only relays with the flag are CTRs where the authorities know it [CONS-004.1]', async () => {
    const flags = [
      ['CTR', 'Running', 'Valid'],
      ['Running', 'Valid'],
      ['CTR', 'Running', 'Valid'],
    ]
    const relays = micro.map((text, i) => ({
      identity: fill(i + 1, 20),
      flags: flags[i] ?? [],
      descriptor: sha256(ascii(text)),
    }))
    const world = worldOf({ knownFlags: ['CTR', 'Running', 'Valid'], relays })
    const answer = await sourceOf(world, await over(world)).newer(null, never)
    expect(answer.ok && answer.value?.ctrs.map(({ ctrId }) => ctrId)).toEqual([ctrId(1)])
  })

  test('each reason to refuse has its own code [CONS-002.5, CONS-002.7, CONS-003.3, CONS-005.1, CONS-005.2, CONS-006.1]', async () => {
    expect(await errorOf({ ...worldOf(), now: torValidAfter - 1 })).toBe('notLive')
    expect(await errorOf({ ...worldOf(), now: torValidAfter + 3 * 3_600_000 })).toBe('notLive')
    expect(await errorOf({ ...worldOf(), now: torValidAfter + 3 * 3_600_000 - 1 })).toBe('none')
    expect(await errorOf(worldOf({}, three.slice(0, 1)))).toBe('badSignature')
    expect(await errorOf(worldOf({}, authorities.slice(3)))).toBe('badSignature')
    expect(await errorOf({ ...worldOf(), certificates: '' })).toBe('badSignature')
    const expired = three.map((one) => keyCertificate(one, { expires: torValidAfter })).join('')
    expect(await errorOf({ ...worldOf(), certificates: expired })).toBe('badSignature')
    const other = worldOf({ consensus: 'other', knownFlags: ['Other'] } as ConsensusParts)
    expect(await errorOf({ ...worldOf(), extension: other.extension })).toBe('otherConsensus')
    expect(await errorOf(worldOf({ params: {} }))).toBe('notCommitted')
    expect(await errorOf(worldOf({ params: commitmentParams('00'.repeat(32)) }))).toBe('notCommitted')
    const right = worldOf()
    const body = right.extension.slice(0, right.extension.indexOf('directory-signature '))
    expect(await errorOf({ ...right, extension: signExtension(body, authorities.slice(2, 4)) })).toBe('notSigned')
    expect(await errorOf({ ...right, extension: body })).toBe('malformed')
    expect(await errorOf({ ...right, consensus: right.consensus.slice(0, -9) })).toBe('malformed')
  })

  test('a consensus of 64 MiB is refused while it is read [CONS-002.8, CONS-008.2]', async () => {
    const world = { ...worldOf(), consensus: 'x'.repeat(64 * 1024 * 1024) }
    const answer = await sourceOf(world, await over(world)).newer(null, never)
    expect(answer).toMatchObject({ ok: false, error: 'malformed', detail: 'consensus: bodyTooLarge' })
    expect(torConsensusLimits.bytes).toBeLessThan(64 * 1024 * 1024)
  })

  test('microdescriptors are asked for once, and those that are missing leave their relays out [CONS-008.4]', async () => {
    const world = worldOf()
    world.microdescriptors = micro.slice(0, 1)
    const source = sourceOf(world, await over(world))
    const ctrs = async () => {
      const answer = await source.newer(null, never)
      return answer.ok ? answer.value?.ctrs.length : answer.error
    }
    const asks = () => world.asked.filter((one) => /mi?c?r?o?d?\/(d|id)\//.test(one)).length
    expect(await ctrs()).toBe(1)
    world.microdescriptors = micro
    expect(await ctrs()).toBe(2)
    const before = asks()
    expect(await ctrs()).toBe(2)
    expect(asks()).toBe(before)
  })
})

test('microdescriptors are asked for over HTTP 92 at a time, as many as tor answers [CONS-008.4]', async () => {
  const many = Array.from({ length: 185 }, (_, n) => microdescriptor({ identity: fill(n + 1), lines: [] }))
  const relays = many.map((text, n) => ({
    identity: fill(n + 1, 20),
    flags: ['Running', 'Valid'],
    descriptor: sha256(ascii(text)),
  }))
  const world = { ...worldOf({ relays }), microdescriptors: many }
  const answer = await sourceOf(world, await overHttp(world)).newer(null, never)
  expect(answer.ok && answer.value?.ctrs.map((ctr) => ctr.ctrId)).toEqual([1, 2, 9].map(ctrId))
  const asked = world.asked.filter((path) => path.startsWith('/tor/micro/d/'))
  expect(asked.map((path) => path.split('-').length)).toEqual([92, 92, 1])
})

describe('key certificates', () => {
  test('are fetched once, and anew when a signature names a key that is not covered [CONS-008.3]', async () => {
    const world = worldOf()
    const source = sourceOf(world, await overHttp(world))
    const fetches = () => world.asked.filter((path) => path === '/tor/keys/all').length
    expect((await source.newer(null, never)).ok).toBe(true)
    expect((await source.newer(null, never)).ok).toBe(true)
    expect(fetches()).toBe(1)
    const renewed = three.map((one) => ({
      ...newAuthority(one.name),
      identityKey: one.identityKey,
      fingerprint: one.fingerprint,
    }))
    const next = worldOf({ validAfter: torValidAfter + 1000 }, renewed)
    Object.assign(world, { consensus: next.consensus, extension: next.extension, now: torValidAfter + 1000 })
    expect(await source.newer(null, never)).toMatchObject({ error: 'badSignature' })
    expect(fetches()).toBe(2)
    world.certificates += renewed.map((one) => keyCertificate(one)).join('')
    expect((await source.newer(null, never)).ok).toBe(true)
    expect(fetches()).toBe(3)
  })

  test('of one authority, however many and new, drive out none of another [CONS-008.3]', async () => {
    const [one, other, many] = three as [(typeof three)[0], (typeof three)[0], (typeof three)[0]]
    // Its signature names a key without certificate, so that every question fetches them anew.
    const stranger = { ...newAuthority(many.name), identityKey: many.identityKey, fingerprint: many.fingerprint }
    const world = worldOf({}, [one, other, stranger])
    const source = sourceOf(world, await overHttp(world))
    const first = [one, other].map((authority) => keyCertificate(authority)).join('')
    for (const half of [0, 1, 2]) {
      const published = Array.from({ length: 100 }, (_, n) => torValidAfter + (100 * half + n) * 1_000)
      world.certificates = first + published.map((at) => keyCertificate(many, { published: at })).join('')
      expect((await source.newer(null, never)).ok).toBe(true)
    }
    // Each time for the consensus and for its extension document.
    expect(world.asked.filter((path) => path === '/tor/keys/all')).toHaveLength(6)
  })

  test('are kept of configured authorities alone, of each no more than its share [CONS-008.3]', async () => {
    const [one, other] = three as [(typeof three)[0], (typeof three)[0]]
    const stranger = authorities[3] as (typeof three)[0]
    let document = ''
    const cache = certificateCache({
      directory: {
        certificates: async () => ({ kind: 'ok', value: ascii(document) }),
        consensus: async () => ({ kind: 'refused', status: 404 }),
        microdescriptors: async () => ({ kind: 'refused', status: 404 }),
      },
      authorities: [one, other].map(identityOf),
      crypto,
    })
    const lacking = [{ algorithm: 'sha256', identity: identityOf(one), signingKeyDigest: '', signature: fill(0) }]
    const kept = async (from: number) => {
      const mine = Array.from({ length: 100 }, (_, n) => keyCertificate(one, { published: (from + n) * 1_000 }))
      document = [keyCertificate(other), keyCertificate(stranger), ...mine].join('')
      return (await cache.contextFor(lacking, [torValidAfter], never)).certificates
    }
    await kept(0)
    const certificates = await kept(200)
    expect(certificates.filter(({ identity }) => identity === identityOf(one))).toHaveLength(128)
    const identities = new Set(certificates.map(({ identity }) => identity))
    expect(identities).toEqual(new Set([one, other].map(identityOf)))
    const newest = (await kept(100)).filter(({ identity }) => identity === identityOf(one))
    expect(newest.map(({ publishedAt }) => publishedAt / 1_000).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 128 }, (_, n) => 172 + n),
    )
  })

  test('outlive a restart in their file, which is verified again [CONS-008.3]', async () => {
    const path = join(folder, 'certificates')
    const first = worldOf()
    expect((await sourceOf(first, await overHttp(first), path).newer(null, never)).ok).toBe(true)
    expect(await readFile(path, 'latin1')).toBe(first.certificates)
    const again = { ...worldOf(), certificates: '' }
    expect((await sourceOf(again, await overHttp(again), path).newer(null, never)).ok).toBe(true)
    expect(again.asked).not.toContain('/tor/keys/all')
    await writeFile(path, first.certificates.replaceAll(/^fingerprint ./gm, 'fingerprint '))
    const spoilt = { ...worldOf(), certificates: '' }
    expect(await sourceOf(spoilt, await overHttp(spoilt), path).newer(null, never)).toMatchObject({
      error: 'badSignature',
    })
  })
})

test('a directory that does not answer, or answers an error, is unavailable [CONS-008.1]', async () => {
  const world = worldOf()
  const answers = [
    { kind: 'unreachable', detail: 'timeout' },
    { kind: 'refused', status: 404 },
  ] as const
  for (const answer of answers) {
    const broken = { ...(await overHttp(world)), consensus: async () => answer }
    expect(await sourceOf(world, broken).newer(null, never)).toMatchObject({ error: 'unavailable' })
    const half = { ...(await overHttp(world)), microdescriptors: async () => answer }
    expect(await sourceOf(world, half).newer(null, never)).toMatchObject({ error: 'unavailable' })
  }
})

describe('the extension document', () => {
  test('is read from a file, and refused there once it is too large [CONS-005.4, CONS-008.2]', async () => {
    const path = join(folder, 'extension')
    await writeFile(path, 'x'.repeat(maxExtensionBytes))
    expect(await extensionFile(path)(never)).toMatchObject({ kind: 'ok' })
    await writeFile(path, 'x'.repeat(maxExtensionBytes + 1))
    expect(await extensionFile(path)(never)).toEqual({ kind: 'malformed', detail: 'bodyTooLarge' })
    expect(await extensionFile(`${path}-none`)(never)).toEqual({ kind: 'unreachable', detail: 'ENOENT' })
  })
})

describe('as a daemon is configured', () => {
  const tors: FakeTor[] = []
  afterEach(async () => {
    for (const tor of tors.splice(0)) await tor.close()
  })

  /** A tor that has this world's documents, unless the script says something else. */
  async function torOf(world: World, script: FakeTorScript['answer'] = () => undefined): Promise<FakeTor> {
    const answer: FakeTorScript['answer'] = (command, socket) => {
      const scripted = script(command, socket)
      const key = /^GETINFO (.+)$/.exec(command)?.[1]
      if (scripted !== undefined || key === undefined) return scripted
      const text = heldBy(world, key)
      if (text === undefined) return '552 Unrecognized key\r\n'
      return `250+${key}=\r\n${text.replaceAll(/^\./gm, '..').replaceAll('\n', '\r\n')}.\r\n250 OK\r\n`
    }
    const tor = await fakeTor({ answer })
    tors.push(tor)
    return tor
  }

  /** The source that `relay.json` with this section leads to, and what closes it. */
  async function configured(world: World, where: { directory: string } | { control: { port: number } }) {
    const n = files++
    const [extension, cachedCerts] = [join(folder, `extension-${n}`), join(folder, `cached-certs-${n}`)]
    await writeFile(extension, world.extension, 'latin1')
    await writeFile(cachedCerts, world.certificates)
    const section = { authorities: three.map(identityOf), extension }
    const config = relaySchema.parse({
      key: { torKeys: folder },
      onion: { kind: 'loopback' },
      ...('directory' in where ? { tor: { ...section, ...where } } : { ...where, tor: { ...section, cachedCerts } }),
    })
    const open = opened()
    return { source: consensusSourceOf(open, config, { crypto, clock: { now: () => world.now } }), open }
  }

  const ctrsBy = async ({ source }: Awaited<ReturnType<typeof configured>>) => {
    const answer = await source.newer(null, never)
    return answer.ok ? answer.value?.ctrs.map((ctr) => ctr.ctrId) : `${answer.error}: ${answer.detail}`
  }

  test('`tor.directory` asks that directory port, and no control port [CONS-008.1]', async () => {
    const world = worldOf()
    const reader = await configured(world, { directory: await directoryPort(world) })
    expect(await ctrsBy(reader)).toEqual([ctrId(1), ctrId(2)])
    expect(world.asked).toContain('/tor/keys/all')
    await reader.open.close()
  })

  test('`control` with `tor.cachedCerts` asks tor over one authenticated connection, which ends with the daemon [CONS-008.1]', async () => {
    const world = worldOf()
    const tor = await torOf(world)
    const reader = await configured(world, { control: { port: tor.port } })
    expect(await ctrsBy(reader)).toEqual([ctrId(1), ctrId(2)])
    expect(await ctrsBy(reader)).toEqual([ctrId(1), ctrId(2)])
    expect(tor.commands.filter((command) => command.startsWith('AUTHENTICATE'))).toHaveLength(1)
    expect(tor.connections()).toBe(1)
    await reader.open.close()
    await expect.poll(() => tor.connections(), { timeout: 10_000 }).toBe(0)
  })

  test('a tor that goes is unavailable, and asked anew on a new connection once it is back [CONS-008.1]', async () => {
    const world = worldOf()
    let hangsUp = false
    const tor = await torOf(world, (command, socket) => {
      if (!hangsUp || !command.startsWith('GETINFO')) return undefined
      socket.destroy()
      return null
    })
    const reader = await configured(world, { control: { port: tor.port } })
    expect(await ctrsBy(reader)).toEqual([ctrId(1), ctrId(2)])
    hangsUp = true
    expect(await ctrsBy(reader)).toMatch(/^unavailable: consensus: /)
    hangsUp = false
    expect(await ctrsBy(reader)).toEqual([ctrId(1), ctrId(2)])
    await tor.close()
    tors.splice(0)
    await expect.poll(() => ctrsBy(reader), { timeout: 10_000 }).toBe('unavailable: consensus: unreachable')
    await reader.open.close()
  })

  test('what tor answers wrong has its code: refused, to something else, not understood [CONS-008.1]', async () => {
    const wrong = [
      ['552 Unrecognized key\r\n', 'unavailable: consensus: status 552'],
      ['250-version=0.4.9\r\n250 OK\r\n', 'malformed: consensus: malformed'],
      ['what\r\n', 'malformed: consensus: malformed'],
    ] as const
    for (const [reply, expected] of wrong) {
      const world = worldOf()
      const tor = await torOf(world, (command) => (command.startsWith('GETINFO') ? reply : undefined))
      const reader = await configured(world, { control: { port: tor.port } })
      expect(await ctrsBy(reader), reply).toBe(expected)
      await reader.open.close()
    }
  })
})
