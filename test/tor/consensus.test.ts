// The consensus of real authorities, committed to an extension document that their real keys sign [CONS-002 to CONS-006].
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { type AuthorityKey, readAuthorityKey } from '../../src/adapters/node/tor/authority-key.ts'
import { getInfo, openControl } from '../../src/adapters/node/tor/control.ts'
import { controlDirectory, httpDirectory, type TorDirectory } from '../../src/adapters/node/tor/directory.ts'
import { torConsensusSource } from '../../src/adapters/node/tor/tor-consensus-source.ts'
import { committedDigest, consensusParamsLine } from '../../src/machines/tor/commitment.ts'
import { contentDigest, contentOf, extensionBody, extensionDigest } from '../../src/machines/tor/extension-document.ts'
import { readMicrodescriptors } from '../../src/machines/tor/microdescriptor.ts'
import { parseTorConsensus } from '../../src/machines/tor/tor-consensus.ts'
import { countSignatures } from '../../src/machines/tor/tor-signatures.ts'
import { startTorNetwork, type TorAuthority, type TorClient, type TorNetwork } from './network.ts'

const crypto = nodeCrypto()
const never = new AbortController().signal
const polling = { timeout: 100_000, interval: 500 }
const agents = agentPool({ maxAgents: 64, idleMs: 60_000, connectMs: 12_000, totalMs: 15_000 })
let network: TorNetwork
let first: TorAuthority
let client: TorClient
let directory: TorDirectory
let keys: readonly AuthorityKey[]
let authorities: readonly string[]

beforeAll(async () => {
  network = await startTorNetwork({ clients: 1, readyMs: 150_000, progress: (line) => console.log(`tor: ${line}`) })
  ;[first] = network.authorities as [TorAuthority]
  ;[client] = network.clients as [TorClient]
  directory = httpDirectory(agents, `http://127.0.0.1:${first.dirPort}`)
  authorities = network.authorities.map(({ v3ident }) => v3ident.toLowerCase())
  keys = await Promise.all(
    network.authorities.map(async ({ folder }) => {
      const key = await readAuthorityKey(crypto, join(folder, 'keys'))
      if (!key.ok) throw new Error(key.detail)
      return key.value
    }),
  )
})

afterAll(async () => {
  await agents.close()
  await network?.close()
})

async function current(from: TorDirectory, flavour: 'ns' | 'microdesc') {
  const answer = await from.consensus(flavour, never)
  const parsed = answer.kind === 'ok' ? parseTorConsensus(crypto, answer.value) : null
  return parsed?.ok ? parsed.value : null
}

/** The Ed25519 identities of all relays, by their microdescriptors. */
async function identities(): Promise<readonly string[]> {
  const consensus = await current(directory, 'microdesc')
  const answer = await directory.microdescriptors(consensus?.relays ?? [], never)
  const read = answer.kind === 'ok' ? readMicrodescriptors(crypto, answer.value) : null
  return [...(read?.values() ?? [])].map(({ identity }) => identity)
}

/** A client's tor, by its control port; its certificates are those in its data folder. */
function overControl(): TorDirectory {
  return controlDirectory(
    async (key, maxBytes) => {
      const control = await openControl(client.control)
      if (!control.ok) return { kind: 'unreachable', detail: control.error }
      const asked = await getInfo(control.value, key, maxBytes)
      control.value.close()
      return asked.ok ? { kind: 'ok', value: asked.value } : { kind: 'refused', status: 552 }
    },
    join(client.folder, 'cached-certs'),
  )
}

/** A source whose extension document is always for the consensus that was just fetched, signed by these. */
function sourceOver(from: TorDirectory, content: string, signers: readonly AuthorityKey[]) {
  let digest = ''
  const watched: TorDirectory = {
    ...from,
    async consensus(flavour, signal) {
      const answer = await from.consensus(flavour, signal)
      const parsed = answer.kind === 'ok' ? parseTorConsensus(crypto, answer.value) : null
      digest = parsed?.ok ? parsed.value.digest : ''
      return answer
    },
  }
  return torConsensusSource({
    directory: watched,
    async extension() {
      const body = extensionBody({ microdesc: digest }, content)
      const items = signers.map(({ signatureItem }) => signatureItem(extensionDigest(crypto, body)))
      return { kind: 'ok', value: Buffer.from(body + items.join(''), 'latin1') }
    },
    authorities,
    crypto,
    clock: { now: Date.now },
  })
}

async function outcome(source: ReturnType<typeof sourceOver>): Promise<string> {
  const answer = await source.newer(null, never)
  return answer.ok ? 'taken' : answer.error
}

test('both flavours of real authorities parse and verify, with their real certificates [CONS-002.4, CONS-002.5, CONS-003.2]', async () => {
  const certificates = keys.map(({ certificate }) => certificate)
  const seen = async (flavour: 'ns' | 'microdesc') => {
    const consensus = await current(directory, flavour)
    if (consensus === null) return null
    const { algorithm, signedDigest, signatures, validAfter, relays } = consensus
    const context = { authorities, certificates, times: [validAfter, Date.now()] }
    const { signed } = countSignatures(crypto, algorithm, signedDigest, signatures, context)
    return { flavour: consensus.flavour, signed, relays: relays.length }
  }
  for (const flavour of ['ns', 'microdesc'] as const)
    await expect.poll(() => seen(flavour), polling).toEqual({ flavour, signed: true, relays: 6 })
})

test('stock authorities commit to a content by torrc, and then only what two of three sign is taken [CONS-004.2, CONS-005.1, CONS-006.1]', async () => {
  let relays: readonly string[] = []
  const known = async () => {
    relays = await identities()
    return relays.length
  }
  await expect.poll(known, polling).toBe(6)
  const content = contentOf([...relays, 'ee'.repeat(32)].map((id, i) => `ctr ${id} http://127.0.0.1:${i + 1}`))
  const source = sourceOver(directory, content, keys.slice(0, 2))
  await expect.poll(() => outcome(source), polling).toBe('notCommitted')

  for (const authority of network.authorities) {
    appendFileSync(join(authority.folder, 'torrc'), `${consensusParamsLine(contentDigest(crypto, content))}\n`)
    void authority.kill('SIGHUP')
  }
  const committed = async () => committedDigest((await current(directory, 'microdesc'))?.params ?? {})
  await expect.poll(committed, polling).toBe(contentDigest(crypto, content))

  await expect.poll(() => outcome(source), polling).toBe('taken')
  await expect.poll(() => outcome(sourceOver(directory, content, keys.slice(0, 1))), polling).toBe('notSigned')
  const changed = content.replace(':1\n', ':2\n')
  await expect.poll(() => outcome(sourceOver(directory, changed, keys)), polling).toBe('notCommitted')

  const ctrs = async (over: ReturnType<typeof sourceOver>) => {
    const answer = await over.newer(null, never)
    return answer.ok ? answer.value?.ctrs.map(({ ctrId }) => ctrId).toSorted() : answer.error
  }
  await expect.poll(() => ctrs(source), polling).toEqual(relays.toSorted())
  await expect.poll(() => ctrs(sourceOver(overControl(), content, keys)), polling).toEqual(relays.toSorted())
})
