// Where directory documents come from: a directory port over HTTP, or tor's control port [dir-spec 5, control-spec 3.9, CONS-008].
// Invariant: no document is longer than its limit, and one that is longer is refused while it is read; nothing is verified here.
import type { Answer } from '../../../effects/ports.ts'
import { fromHex, toBase64 } from '../../../machines/ct/bytes.ts'
import { certificateLimits } from '../../../machines/tor/key-certificate.ts'
import { microdescriptorLimits } from '../../../machines/tor/microdescriptor.ts'
import { torConsensusLimits } from '../../../machines/tor/tor-consensus.ts'
import type { Flavour, TorRelay } from '../../../machines/tor/tor-relays.ts'
import type { Agents } from '../agents.ts'
import { readBounded } from '../bounded-file.ts'
import { exchange } from '../http/exchange.ts'

export interface TorDirectory {
  consensus(flavour: Flavour, signal: AbortSignal): Promise<Answer<Uint8Array>>
  certificates(signal: AbortSignal): Promise<Answer<Uint8Array>>
  /** Of at most `microdescriptorsPerRequest` relays. Those that the directory does not have are left out. */
  microdescriptors(relays: readonly TorRelay[], signal: AbortSignal): Promise<Answer<Uint8Array>>
}

/** What tor answers in one request over HTTP [dir-spec 5.2]. */
export const microdescriptorsPerRequest = 92

const lineEnd = Buffer.from('\n')
/** One, with a long family. */
const maxMicrodescriptorBytes = 64 * 1024

const paths = {
  ns: 'status-vote/current/consensus',
  microdesc: 'status-vote/current/consensus-microdesc',
} as const

/** `url`: of a directory authority's or cache's directory port, without trailing slash. */
export function httpDirectory(agents: Agents, url: string): TorDirectory {
  let requests = 0
  const get = (path: string, maxAnswerBytes: number, signal: AbortSignal) =>
    exchange(agents, `directory ${requests++}`, { method: 'GET', url: `${url}/tor/${path}`, maxAnswerBytes }, signal)
  return {
    consensus: (flavour, signal) => get(paths[flavour], torConsensusLimits.bytes, signal),
    certificates: (signal) => get('keys/all', certificateLimits.documentBytes, signal),
    async microdescriptors(relays, signal) {
      const digests = relays.map(({ descriptor }) => toBase64(fromHex(descriptor)).replace('=', ''))
      return orNone(await get(`micro/d/${digests.join('-')}`, microdescriptorLimits.documentBytes, signal))
    },
  }
}

/**
 * One `GETINFO` of a control connection: the value's bytes without the newline of its last line, or `refused` where tor does not
 * know the key or has no value.
 */
export type GetInfo = (key: string, maxBytes: number, signal: AbortSignal) => Promise<Answer<Uint8Array>>

/**
 * tor as client serves the flavour microdesc alone, and no key certificates by `GETINFO`: `certificatesPath` is the file
 * `cached-certs` of its data directory.
 */
export function controlDirectory(getInfo: GetInfo, certificatesPath: string): TorDirectory {
  return {
    consensus: async (flavour, signal) =>
      lastLineEnded(await getInfo(`dir/${paths[flavour]}`, torConsensusLimits.bytes, signal)),
    certificates: () => readBounded(certificatesPath, certificateLimits.documentBytes),
    async microdescriptors(relays, signal) {
      const found: Uint8Array[] = []
      for (const { fingerprint } of relays) {
        const value = await getInfo(`md/id/${fingerprint.toUpperCase()}`, maxMicrodescriptorBytes, signal)
        const answer = orNone(lastLineEnded(value))
        if (answer.kind !== 'ok') return answer
        found.push(answer.value)
      }
      return { kind: 'ok', value: Buffer.concat(found) }
    },
  }
}

/** The newline that the control protocol takes for the end of its data. */
function lastLineEnded(answer: Answer<Uint8Array>): Answer<Uint8Array> {
  return answer.kind === 'ok' ? { kind: 'ok', value: Buffer.concat([answer.value, lineEnd]) } : answer
}

/** A directory that has none of what it was asked for answers 404. */
function orNone(answer: Answer<Uint8Array>): Answer<Uint8Array> {
  return answer.kind === 'refused' ? { kind: 'ok', value: new Uint8Array() } : answer
}
