// `ctor directory`: what directory authorities do for the CT extension document [CONS-005 to CONS-007].
// Invariant: nothing is printed that a relay would refuse for its form, and nothing is signed that the consensus does not commit to.
import { Command, InvalidArgumentError } from 'commander'
import { latin1, toHex } from '../../machines/ct/bytes.ts'
import { committedDigest, consensusParamsLine } from '../../machines/tor/commitment.ts'
import {
  contentDigest,
  extensionBody,
  extensionDigest,
  isContent,
  maxExtensionBytes,
  readContent,
  readExtension,
  verifyExtension,
} from '../../machines/tor/extension-document.ts'
import { certificateLimits, readKeyCertificates } from '../../machines/tor/key-certificate.ts'
import {
  livenessOf,
  parseTorConsensus,
  type TorConsensus,
  torConsensusLimits,
} from '../../machines/tor/tor-consensus.ts'
import { countSignatures, isFingerprint } from '../../machines/tor/tor-signatures.ts'
import { mergeVotes } from '../../machines/tor/vote-merge.ts'
import { readBounded } from '../node/bounded-file.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { readAuthorityKey } from '../node/tor/authority-key.ts'
import { end, failed } from './exit.ts'

const crypto = nodeCrypto()

export function directoryCommand(): Command {
  return new Command('directory')
    .summary('make, sign and check the CT extension document of a Tor consensus')
    .description(
      'For directory authorities. Each votes on a content (logs, tree heads, CTRs, auditors, parameters); `merge` makes one of ' +
        'the votes; `params` prints the torrc line by which the next consensus commits to it; once that consensus is there, each ' +
        'authority adds its signature with `sign`, and `check` says whether relays and auditors will take the document.',
    )
    .addCommand(mergeCommand())
    .addCommand(paramsCommand())
    .addCommand(signCommand())
    .addCommand(checkCommand())
}

function mergeCommand(): Command {
  return new Command('merge')
    .summary("merge the authorities' votes into one content")
    .description(
      'Prints the content that the votes give: logs, CTRs and auditors that more than half of the authorities list with the same ' +
        'line, of each log the newest tree head that it signed, of each parameter the low median. The same for everyone who ' +
        'merges the same votes, in any order.',
    )
    .argument('<vote...>', 'files with one content each, one an authority')
    .requiredOption('--authorities <n>', 'how many authorities there are, whether or not they voted', positive)
    .action(async (files: readonly string[], { authorities }: { authorities: number }, command: Command) => {
      const votes: string[] = []
      for (const file of files) votes.push(await readContentFile(command, file, 'badVote: '))
      const merged = mergeVotes(crypto, votes, authorities)
      if (!merged.ok) end(command, `${merged.error}: ${merged.detail}`, failed)
      process.stdout.write(merged.value)
    })
}

function paramsCommand(): Command {
  return new Command('params')
    .summary('print the torrc line that commits to a content')
    .description(
      'Prints the ConsensusParams line by which an authority votes for this content. Stock tor does not check the values that it is ' +
        'given, and one that is no Int32 stops the consensus: use the line as it is. Parameters that you vote on already belong ' +
        'on the same line.',
    )
    .argument('<content>', 'file with the content')
    .action(async (file: string, _options: object, command: Command) => {
      const content = await readContentFile(command, file)
      process.stdout.write(`${consensusParamsLine(contentDigest(crypto, content))}\n`)
    })
}

interface SignOptions {
  readonly content: string
  readonly consensus: readonly string[]
  readonly keys: string
  readonly document?: string
}

function signCommand(): Command {
  return new Command('sign')
    .summary('sign the extension document of a consensus')
    .description(
      'Prints the extension document with this authority as signer. The consensus must commit to the content. Give --document to ' +
        'add the signature to those that it has; it must extend the same consensus with the same content.',
    )
    .requiredOption('--content <file>', 'the content')
    .requiredOption('--consensus <file...>', 'the consensus that it extends; both flavours, if relays use both')
    .requiredOption('--keys <folder>', "tor's keys folder, with authority_signing_key and authority_certificate")
    .option('--document <file>', 'an extension document that others have signed')
    .action(async (options: SignOptions, command: Command) => {
      const content = await readContentFile(command, options.content)
      const named: Record<string, string> = {}
      for (const file of options.consensus) {
        const consensus = await readConsensusFile(command, file)
        if (committedDigest(consensus.params) !== contentDigest(crypto, content)) {
          end(command, `notCommitted: ${file} does not commit to the content`, failed)
        }
        named[consensus.flavour] = consensus.digest
      }
      const key = await readAuthorityKey(crypto, options.keys)
      if (!key.ok) end(command, `${key.error}: ${key.detail}`, failed)
      const body = extensionBody(named, content)
      const item = key.value.signatureItem(extensionDigest(crypto, body))
      const others = options.document === undefined ? '' : await signaturesOf(command, options.document, body)
      process.stdout.write(body + (others.includes(item) ? others : others + item))
    })
}

async function signaturesOf(command: Command, file: string, body: string): Promise<string> {
  const bytes = await read(command, file, maxExtensionBytes)
  const document = readExtension(crypto, bytes)
  if (!document.ok) end(command, `${file}: ${document.error}: ${document.detail}`, failed)
  if (document.value.digest !== toHex(extensionDigest(crypto, body))) {
    end(command, `otherDocument: ${file} extends another consensus, or has another content`, failed)
  }
  return latin1(bytes).slice(body.length)
}

interface CheckOptions {
  readonly document: string
  readonly consensus: string
  readonly certificates: string
  readonly authority: readonly string[]
  readonly at?: number
}

function checkCommand(): Command {
  return new Command('check')
    .summary('say whether relays and auditors take an extension document')
    .description(
      'Verifies a consensus and its extension document as a relay or an auditor does. Prints one line of JSON with what they hold, ' +
        'or says which check failed, and ends with 1.',
    )
    .requiredOption('--document <file>', 'the extension document')
    .requiredOption('--consensus <file>', 'the consensus, of either flavour')
    .requiredOption('--certificates <file>', 'key certificates, as /tor/keys/all serves them')
    .requiredOption(
      '--authority <fingerprint...>',
      'v3 identity fingerprint of each configured authority',
      fingerprints,
    )
    .option('--at <time>', 'the instant to check for, as ISO 8601; default: now', instant)
    .action(async (options: CheckOptions, command: Command) => {
      const consensus = await readConsensusFile(command, options.consensus)
      const certificates = readKeyCertificates(
        crypto,
        await read(command, options.certificates, certificateLimits.documentBytes),
      )
      if (certificates === null) end(command, `${options.certificates}: no key certificates`, failed)
      const now = options.at ?? Date.now()
      const context = {
        authorities: options.authority,
        certificates: certificates.flatMap((one) => (one.ok ? [one.value] : [])),
        times: [consensus.validAfter, now],
      }
      const { algorithm, signedDigest, signatures } = consensus
      const count = countSignatures(crypto, algorithm, signedDigest, signatures, context)
      if (!count.signed) {
        end(command, `badSignature: ${options.consensus}: ${count.good} good signatures of ${count.configured}`, failed)
      }
      const liveness = livenessOf(consensus, now)
      if (liveness !== 'live') end(command, `notLive: ${options.consensus}: ${liveness}`, failed)
      const document = readExtension(crypto, await read(command, options.document, maxExtensionBytes))
      if (!document.ok) end(command, `${options.document}: ${document.error}: ${document.detail}`, failed)
      const items = verifyExtension(crypto, document.value, consensus, context)
      if (!items.ok) end(command, `${options.document}: ${items.error}: ${items.detail}`, failed)
      const { logs, sths, ctrs, auditors } = items.value
      const held = { logs: logs.size, sths: sths.size, ctrs: ctrs.size, auditors: auditors.size }
      const { flavour, relays } = consensus
      process.stdout.write(
        `${JSON.stringify({ digest: document.value.digest, flavour, relays: relays.length, ...held })}\n`,
      )
    })
}

async function read(command: Command, file: string, maxBytes: number): Promise<Uint8Array> {
  const answer = await readBounded(file, maxBytes)
  if (answer.kind === 'ok') return answer.value
  const why = answer.kind === 'unreachable' ? `cannot be read: ${answer.detail}` : `more than ${maxBytes} bytes`
  end(command, `${file}: ${why}`, failed)
}

/** `code`: before the sentence that says why it is none. */
async function readContentFile(command: Command, file: string, code = ''): Promise<string> {
  const content = latin1(await read(command, file, maxExtensionBytes))
  if (!isContent(content)) {
    end(command, `${code}${file}: not lines of printable ASCII from "content" through "directory-footer"`, failed)
  }
  const items = readContent(crypto, content)
  if (!items.ok) end(command, `${code}${file}: ${items.error}: ${items.detail}`, failed)
  return content
}

async function readConsensusFile(command: Command, file: string): Promise<TorConsensus> {
  const parsed = parseTorConsensus(crypto, await read(command, file, torConsensusLimits.bytes))
  if (!parsed.ok) end(command, `${file}: ${parsed.error}: ${parsed.detail}`, failed)
  return parsed.value
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1 || value > 64) throw new InvalidArgumentError('Wanted 1 to 64.')
  return value
}

function fingerprints(text: string, others: readonly string[] = []): readonly string[] {
  const fingerprint = text.toLowerCase()
  if (!isFingerprint(fingerprint)) throw new InvalidArgumentError('Wanted 40 hex digits.')
  return [...others, fingerprint]
}

function instant(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('Wanted a time such as 2026-11-25T12:00:00Z.')
  return at
}
