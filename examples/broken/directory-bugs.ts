// Bugs of level L0 in the consensus documents: CTor's own, Tor's, and the extension document [CONS-001 to CONS-006].
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { verifySth } from '../../src/machines/ct/sth.ts'
import type { Log, Sth } from '../../src/machines/ct/types.ts'
import { readKeyCertificates } from '../../src/machines/tor/key-certificate.ts'
import { parseTorConsensus } from '../../src/machines/tor/tor-consensus.ts'
import { countSignatures } from '../../src/machines/tor/tor-signatures.ts'
import { type Bug, inAnswer, inFunction } from './bug.ts'

interface Parsed {
  readonly logs: readonly Log[]
  readonly sths: readonly Sth[]
}
interface Signed {
  readonly document: Uint8Array
  readonly certificates: Uint8Array
  readonly authorities: readonly string[]
}
interface Count {
  readonly good: number
  readonly configured: number
  readonly liveness: string
}
interface Listing {
  readonly consensus: Uint8Array
  readonly announced: readonly object[]
}

const crypto = nodeCrypto()
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const counting = (count: Count, good: number) => ({ ...count, good, signed: good * 2 > count.configured })

/** Who the signature items name, of those that are configured. */
function signers({ document, authorities }: Signed): readonly string[] {
  const items = textOf(document).matchAll(/^directory-signature (?:\S+ )?([0-9A-F]{40}) /gm)
  return [...items].map(([, name = '']) => name.toLowerCase()).filter((name) => authorities.includes(name))
}

export const directoryBugs: Readonly<Record<string, Bug>> = {
  'one-bad-tree-head-spoils-all': {
    req: 'CONS-001.6',
    does: 'refuses a document in which its log did not sign a tree head',
    breaks: inFunction('parseConsensus', (input: object, right) => {
      const outcome = right(input)
      if ('error' in outcome) return outcome
      const { logs, sths } = outcome.ok as Parsed
      const isSigned = (sth: Sth) => logs.some((log) => log.logId === sth.logId && verifySth(crypto, log, sth))
      return sths.every(isSigned) ? outcome : { error: 'badLine' }
    }),
  },
  'all-logs-are-rfc-6962': {
    req: 'CONS-001.7',
    does: 'passes over the monitoring URL of a static-ct log',
    breaks: inAnswer<object, Parsed>('parseConsensus', (ok) => ({
      ...ok,
      logs: ok.logs.map(({ monitoringUrl: _, ...log }) => log),
    })),
  },
  'names-for-signatures': {
    req: 'CONS-002.4',
    does: 'counts a signature without verifying it',
    breaks: inAnswer<Signed, Count>('verifyTorConsensus', (count, input) =>
      counting(count, new Set(signers(input)).size),
    ),
  },
  'every-signature-counts': {
    req: 'CONS-002.5',
    does: 'counts an authority as often as it signed',
    breaks: inAnswer<Signed, Count>('verifyTorConsensus', (count, input) =>
      counting(count, count.good === 0 ? 0 : signers(input).length),
    ),
  },
  'live-for-another-day': {
    req: 'CONS-002.7',
    does: 'takes a consensus for live that is so only reasonably',
    breaks: inAnswer<object, Count>('verifyTorConsensus', (count) => ({
      ...count,
      liveness: count.liveness === 'reasonablyLive' ? 'live' : count.liveness,
    })),
  },
  'eternal-key-certificates': {
    req: 'CONS-003.3',
    does: 'never looks at when a key certificate begins and ends',
    breaks: inAnswer<Signed, Count>('verifyTorConsensus', (count, { document, certificates, authorities }) => {
      const read = parseTorConsensus(crypto, document)
      if (!read.ok) return count
      const known = (readKeyCertificates(crypto, certificates) ?? []).flatMap((one) => (one.ok ? [one.value] : []))
      const { algorithm, signedDigest, signatures } = read.value
      const context = { authorities, certificates: known, times: [] }
      return { ...count, ...countSignatures(crypto, algorithm, signedDigest, signatures, context) }
    }),
  },
  'flags-unread': {
    req: 'CONS-004.1',
    does: 'takes every relay of the consensus for one that runs, is valid and bears the flag',
    breaks: inFunction<Listing>('ctrList', (input, right) => {
      const consensus = Buffer.from(textOf(input.consensus).replace(/^s .*$/gm, 's CTR Running Valid'), 'latin1')
      return right({ ...input, consensus: new Uint8Array(consensus) })
    }),
  },
  'whoever-announces-itself': {
    req: 'CONS-004.2',
    does: 'takes the lines of CTRs without looking for their identities in microdescriptors',
    breaks: inAnswer<Listing, object>('ctrList', (_, { announced }) => ({ ctrs: announced })),
  },
  'digest-of-the-flavour': {
    req: 'CONS-005.5',
    does: 'takes the digest of the consensus at hand, which is another one for each flavour',
    breaks: inAnswer<Listing, object>('verifyExtension', (ok, { consensus }) => {
      const read = parseTorConsensus(crypto, consensus)
      return read.ok ? { ...ok, digest: read.value.digest } : ok
    }),
  },
  'unsigned-words': {
    req: 'CONS-006.2',
    does: 'prints words of a digest without a sign',
    breaks: inAnswer<object, { line: string }>('commitmentParams', (ok) => ({
      ...ok,
      line: ok.line.replace(/=(-\d+)/g, (_, word) => `=${Number(word) + 2 ** 32}`),
    })),
  },
}
