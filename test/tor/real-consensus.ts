// The consensus of the private network's own authorities, which commits to contents that tests change: torrc and SIGHUP, then an extension
// document for each reader's newest consensus, signed with the authorities' keys [CONS-004 to CONS-006]. Invariant: a document extends the
// very consensus that its reader has, with the content that this one commits to.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { readAuthorityKey } from '../../src/adapters/node/tor/authority-key.ts'
import { controlInfo } from '../../src/adapters/node/tor/control-info.ts'
import { controlDirectory, httpDirectory, type TorDirectory } from '../../src/adapters/node/tor/directory.ts'
import { committedDigest, consensusParamsLine } from '../../src/machines/tor/commitment.ts'
import { contentDigest, contentOf, extensionBody, extensionDigest } from '../../src/machines/tor/extension-document.ts'
import { parseTorConsensus } from '../../src/machines/tor/tor-consensus.ts'
import type { TorAuthority, TorClient, TorNetwork } from './network.ts'

const crypto = nodeCrypto()
const limits = { maxAgents: 64, idleMs: 0, connectMs: 5_000, totalMs: 10_000 }
/** Between two looks at what the readers have. */
const lookMs = 200
/** Contents that a reader may still be behind at. */
const maxContents = 32

/** The section `tor` of a daemon's configuration. */
export interface TorSection {
  readonly authorities: string[]
  readonly extension: string
  readonly directory?: string
  readonly cachedCerts?: string
}

export interface RealConsensus {
  /** Of a daemon that asks this authority's directory port, or this client's control port. */
  readerAt(node: TorAuthority | TorClient): TorSection
  /** From now on contents are made of these lines, anew for every consensus. */
  start(lines: () => readonly string[]): void
  close(): Promise<void>
}

interface Reader {
  readonly directory: TorDirectory
  readonly extension: string
  extended: string
}

export async function realConsensus(network: TorNetwork): Promise<RealConsensus> {
  const ending = new AbortController()
  const agents = agentPool(limits)
  const closers: (() => Promise<void>)[] = [() => agents.close()]
  const readers: Reader[] = []
  const contents = new Map<string, string>()
  const keys = await Promise.all(network.authorities.map(({ folder }) => keyIn(join(folder, 'keys'))))
  const torrcs = network.authorities.map(({ folder }) => {
    const path = join(folder, 'torrc')
    return { path, text: readFileSync(path, 'utf8') }
  })
  let running: Promise<void> = Promise.resolve()

  async function current(directory: TorDirectory) {
    const answer = await directory.consensus('microdesc', ending.signal)
    const parsed = answer.kind === 'ok' ? parseTorConsensus(crypto, answer.value) : null
    return parsed?.ok ? parsed.value : null
  }

  async function extend(reader: Reader): Promise<void> {
    const consensus = await current(reader.directory)
    const content = contents.get(committedDigest(consensus?.params ?? {}) ?? '')
    if (consensus === null || content === undefined || consensus.digest === reader.extended) return
    const body = extensionBody({ microdesc: consensus.digest }, content)
    const items = keys.slice(0, 2).map(({ signatureItem }) => signatureItem(extensionDigest(crypto, body)))
    writeFileSync(`${reader.extension}.new`, body + items.join(''), 'latin1')
    renameSync(`${reader.extension}.new`, reader.extension)
    reader.extended = consensus.digest
  }

  async function commitTo(content: string): Promise<void> {
    const digest = contentDigest(crypto, content)
    contents.set(digest, content)
    const [oldest] = contents.keys()
    if (contents.size > maxContents && oldest !== undefined) contents.delete(oldest)
    for (const { path, text } of torrcs) writeFileSync(path, `${text}${consensusParamsLine(digest)}\n`)
    // SIGHUP ends a tor that is starting; one that answers has its handler.
    const reload = async (authority: TorAuthority) => {
      if ((await network.consensus(authority)) !== null) void authority.kill('SIGHUP')
    }
    await Promise.all(network.authorities.map(reload))
  }

  /** Another content a consensus: what a vote misses, for an authority that restarts, the next one has. */
  async function run(lines: () => readonly string[]): Promise<void> {
    const [first] = network.authorities
    if (first === undefined) throw new Error('no authority')
    const directory = httpDirectory(agents, urlOf(first))
    let seen: string | undefined
    while (!ending.signal.aborted) {
      await Promise.all(readers.map(extend))
      const digest = (await current(directory))?.digest
      if (digest !== undefined && digest !== seen) {
        seen = digest
        await commitTo(contentOf(lines()))
      }
      await pause(lookMs)
    }
  }

  return {
    readerAt(node) {
      const n = readers.length + 1
      const extension = join(network.folder, `extension-${n}`)
      const authorities = network.authorities.map(({ v3ident }) => v3ident.toLowerCase())
      if ('dirPort' in node) {
        const directory = urlOf(node)
        readers.push({ directory: httpDirectory(agents, directory), extension, extended: '' })
        return { authorities, extension, directory }
      }
      const cachedCerts = join(node.folder, 'cached-certs')
      const info = controlInfo(node.control)
      closers.push(() => info.close())
      readers.push({ directory: controlDirectory(info.getInfo, cachedCerts), extension, extended: '' })
      return { authorities, extension, cachedCerts }
    },
    start(lines) {
      running = run(lines).catch((error: unknown) => {
        if (!ending.signal.aborted) throw error
      })
    },
    async close() {
      ending.abort()
      await running
      for (const close of closers) await close()
    },
  }
}

const urlOf = ({ dirPort }: TorAuthority) => `http://127.0.0.1:${dirPort}`

async function keyIn(folder: string) {
  const key = await readAuthorityKey(crypto, folder)
  if (!key.ok) throw new Error(key.detail)
  return key.value
}
